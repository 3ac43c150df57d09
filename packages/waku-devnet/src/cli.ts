import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

import { helpOf, parseCommand, UsageError, type Command } from './cli-options.ts'
import { devnet, type Devnet } from './devnet.ts'
import { json, plain, type Report } from './report.ts'
import { carryOut } from './switchboard.ts'

/** What the command runs on. */
export interface Surroundings {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Aborted when the user wants it to end. */
  readonly signal: AbortSignal
  /** How it is called, in its help and before what goes wrong. @default 'waku-devnet' */
  readonly name?: string
  /** Told of the network once it runs, before its addresses are printed. */
  readonly onReady?: (network: Devnet) => void | Promise<void>
}

/**
 * Runs the command `waku-devnet`, which other commands may have among theirs.
 *
 * @param args - as `--help` has them
 * @returns its exit code: 0, 1 if it could not start, 2 for bad usage
 * @example
 * ```ts
 * process.exitCode = await runDevnet(process.argv.slice(2), { stdin, stdout, stderr, signal })
 * ```
 */
export async function runDevnet(args: readonly string[], around: Surroundings): Promise<number> {
  const { name = 'waku-devnet' } = around
  let command: Command
  try {
    command = parseCommand(args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    around.stderr.write(`${name}: ${error.message}\n`)
    return 2
  }
  if (command.kind === 'help') {
    around.stdout.write(helpOf(name))
    return 0
  }
  return run(command, name, around)
}

async function run(
  command: Extract<Command, { kind: 'run' }>,
  name: string,
  around: Surroundings,
): Promise<number> {
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
    around.stderr.write(`${name}: ${reason(error)}\n`)
    return 1
  }
  for (const node of network.nodes) node.faults.set(command.faults)
  await around.onReady?.(network)
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
