import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

import { HELP, parseCommand, UsageError, type Command } from './cli-options.ts'
import { devnet, type Devnet } from './devnet.ts'
import { json, plain, type Report } from './report.ts'
import { carryOut } from './switchboard.ts'

/** Streams and signal of the command. */
export interface Surroundings {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Aborted when the user wants it to end. */
  readonly signal: AbortSignal
}

/** Runs the command `waku-devnet`; resolves with its exit code: 0, 1 if it could not start, 2 for bad usage. */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  let command: Command
  try {
    command = parseCommand(args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    around.stderr.write(`waku-devnet: ${error.message}\n`)
    return 2
  }
  if (command.kind === 'help') {
    around.stdout.write(HELP)
    return 0
  }
  return run(command, around)
}

async function run(command: Extract<Command, { kind: 'run' }>, around: Surroundings): Promise<number> {
  const report = command.json ? json : plain
  const say = (line: string): void => {
    if (line !== '') around.stdout.write(`${line}\n`)
  }
  let network: Devnet
  try {
    network = await devnet({
      ...command.options,
      onMessage: (message) => say(report.message(message, new Date())),
    })
  } catch (error) {
    around.stderr.write(`waku-devnet: ${reason(error)}\n`)
    return 1
  }
  for (const node of network.nodes) node.faults.set(command.faults)
  say(report.ready(network))
  await untilEnd(network, report, say, around)
  await network.close()
  say(report.stopped())
  return 0
}

/** Takes commands until the signal comes, or `quit`. The end of the input is not the end of the network. */
async function untilEnd(
  network: Devnet,
  report: Report,
  say: (line: string) => void,
  { stdin, stdout, signal }: Surroundings,
): Promise<void> {
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  const lines = createInterface({ input: stdin })
  // One command after the other, so that answers come in the order of the questions.
  let turn: Promise<void> = Promise.resolve()
  lines.on('line', (line) => {
    turn = turn.then(async () => {
      if (line.trim() === 'quit') return ended.abort()
      try {
        say(report.answer(line, await carryOut(line, network), true))
      } catch (error) {
        say(report.answer(line, reason(error), false))
      }
    })
  })
  stdout.once('error', () => ended.abort())
  if (!either.aborted) await once(either, 'abort')
  lines.close()
  stdin.destroy()
}

/** The first line of what went wrong. */
function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
