import { keyIdOf, xchacha } from '@reliable-channels/encryption'
import { placeOfChannel } from '../channel-name.ts'
import { CliError } from '../cli-error.ts'
import { Closers } from '../closers.ts'
import type { CommandContext } from '../command-context.ts'
import { EXIT } from '../exit-codes.ts'
import { joinNetwork } from '../network/join-network.ts'
import type { Joined } from '../network/joined.ts'
import { type NetworkFlags, chooseNetwork } from '../network/network-options.ts'
import { type Output, createOutput } from '../output.ts'
import { resolveKey } from '../secrets/resolve-key.ts'
import type { SecretOptions } from '../secrets/secret-options.ts'
import type { Diagnosis } from './diagnosis.ts'
import { hearFrames } from './heard-frames.ts'
import { judgeClock } from './judge-clock.ts'
import { judgeKey } from './judge-key.ts'
import { judgeMembers } from './judge-members.ts'
import { listenOn } from './listen.ts'
import { probe } from './probe.ts'

/** Options of `rc doctor`. */
export interface DoctorOptions extends NetworkFlags, SecretOptions {
  readonly topic?: string
  /** ms */
  readonly since: number
  /** ms */
  readonly listen: number
  readonly json?: boolean
}

/** Takes the place of a channel where none is named. */
const NO_CHANNEL = 'rc-doctor'

/** Finds out, step by step, why nothing arrives. */
export async function runDoctor(
  channelName: string | undefined,
  options: DoctorOptions,
  { host, end }: CommandContext,
): Promise<void> {
  const output = createOutput(host, options.json === true)
  const findings: Diagnosis[] = []
  const tell = (finding: Diagnosis): void => {
    findings.push(finding)
    output.emit({ event: 'finding', ...finding }, findingText(finding, output))
  }
  await using closers = new Closers(output)
  const choice = chooseNetwork(options)
  const place = placeOfChannel(channelName ?? NO_CHANNEL, options.topic)
  const key = channelName === undefined ? undefined : await resolveKey(options, channelName, host)
  const joined = await join()
  if (joined !== undefined) {
    closers.use('the network', joined)
    await examine(joined)
  }
  const [summary, exitCode] = summaryOf(findings)
  output.emit({ event: 'verdict', isWell: exitCode === EXIT.ok }, `\n${summary}`)
  end(exitCode)

  async function join(): Promise<Joined | undefined> {
    const started = performance.now()
    try {
      const member = { place, name: NO_CHANNEL, ...(key && { key }) }
      const opened = await joinNetwork(choice, member, host, output)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      tell({ check: 'network', verdict: 'ok', message: `${opened.description} answered after ${seconds} s` })
      return opened
    } catch (error) {
      if (host.signal.aborted || !(error instanceof CliError) || error.exitCode !== EXIT.network) throw error
      tell({ check: 'network', verdict: 'failed', message: error.message })
      return undefined
    }
  }

  async function examine({ transport, begin }: Joined): Promise<void> {
    output.status('sending a message to nobody …')
    const probed = await probe(transport, probeTopic(place.contentTopic), host.signal)
    output.status(undefined)
    for (const finding of probed.findings) tell(finding)
    if (channelName === undefined) return tell(judgeClock({ isKept: probed.isKept, offsetsMs: [] }))
    output.status(`listening on ${channelName} …`)
    const { messages, offsetsMs } = await listenOn(transport, place.contentTopic, {
      sinceMs: host.now() - options.since,
      listenMs: options.listen,
      now: host.now,
      signal: host.signal,
      onListening: async () => begin?.(),
    })
    output.status(undefined)
    const heard = hearFrames(messages, place, key && xchacha({ key }))
    tell(judgeClock({ isKept: probed.isKept, offsetsMs }))
    tell(judgeKey(heard, key && keyIdOf(key)))
    tell(judgeMembers(heard, host.now(), channelName))
  }
}

/** A topic of the same shard that nobody listens to. */
function probeTopic(contentTopic: string): string {
  const [encoding, _name, ...rest] = contentTopic.split('/').toReversed()
  return [encoding, 'rc-doctor-probe', ...rest].toReversed().join('/')
}

const SIGNS = {
  ok: ['green', '✓'],
  warning: ['yellow', '!'],
  failed: ['red', '✗'],
  unknown: ['dim', '?'],
} as const

function findingText({ check, verdict, message, hint }: Diagnosis, { style }: Output): string {
  const [colour, sign] = SIGNS[verdict]
  const line = `${style(colour, sign)} ${check.padEnd(9)}  ${message}`
  return hint === undefined ? line : `${line}\n             ${style('dim', hint)}`
}

function summaryOf(findings: readonly Diagnosis[]): [string, number] {
  const failed = findings.filter(({ verdict }) => verdict === 'failed').map(({ check }) => check)
  const warned = findings.filter(({ verdict }) => verdict === 'warning').map(({ check }) => check)
  if (failed.length > 0) {
    const code = failed.includes('network') ? EXIT.network : failed.includes('key') ? EXIT.key : EXIT.failed
    return [`something is wrong: ${failed.join(', ')}`, code]
  }
  if (warned.length > 0) return [`it works; have a look at: ${warned.join(', ')}`, EXIT.ok]
  return ['everything is well', EXIT.ok]
}
