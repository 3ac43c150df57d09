import { parseArgs } from 'node:util'
import { joinNegativeValues } from '@reliable-channels/options'

import { faultProblem, type FaultSettings } from './core/faults.ts'
import type { DevnetQuota } from './core/quota.ts'

import { devnetSettings, type DevnetOptions } from './options.ts'

/** Arguments of the command line, read. */
export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run'
      readonly options: DevnetOptions
      readonly faults: Partial<FaultSettings>
      readonly json: boolean
    }

/** The text of `--help`, of the command as it is called. */
export const helpOf = (
  name: string,
): string => `${name}: a Waku network on this machine, for development and tests

usage: ${name} [options]

network
  --nodes N              service nodes to start (default 3)
  --cluster ID           cluster (default 66)
  --shards N             autosharding over N shards (default 8)
  --shard S              static sharding on shard S; may be repeated
  --topology mesh|line   who is linked to whom (default mesh)
  --host ADDRESS         address to listen on (default 127.0.0.1)
  --port P               first port; 0 takes free ones (default 61000)
  --seed N               makes peer ids and faults repeatable (default 1)

service
  --no-store             nodes without a store
  --retention SECONDS    age at which the stores forget (default 172800)
  --db DIRECTORY         keep the messages of the stores on disk
  --no-rate-limits       take requests as fast as they come
  --quota N/SECONDS      messages a peer may send in each epoch, in place of RLN

faults, at every node from the start
  --drop SHARE           lose this share (0 to 1) of messages and pushes
  --delay MS             hold back replies and pushes
  --refuse SHARE         refuse this share of requests
  --skew MS              clocks ahead by so much
  --silent               answer nothing

output
  --json                 one JSON object a line
  --help                 this text

While it runs, lines on the input switch faults: type help.
`

/** A command line that makes no sense; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'ERR_USAGE'
}

const DEFAULT_PORT = '61000'

/** Reads the arguments, or throws a {@link UsageError}. */
export function parseCommand(args: readonly string[]): Command {
  const values = parse(args)
  if (values.help === true) return { kind: 'help' }
  if (values.shard !== undefined && values.shards !== undefined) {
    throw new UsageError('--shards (autosharding) and --shard (static sharding) exclude each other')
  }
  const { shard, topology } = values
  if (topology !== undefined && topology !== 'mesh' && topology !== 'line') {
    throw new UsageError(`--topology expected mesh or line, got ${topology}`)
  }
  const options: DevnetOptions = {
    ...given('nodes', values.nodes),
    ...given('clusterId', values.cluster, '--cluster'),
    ...given('port', values.port ?? DEFAULT_PORT),
    ...given('seed', values.seed),
    ...(shard === undefined ? {} : { shards: shard.map((one) => numberOf('--shard', one)) }),
    ...(values.shards === undefined ? {} : { shards: { autosharding: numberOf('--shards', values.shards) } }),
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(topology === undefined ? {} : { topology }),
    ...(values['no-rate-limits'] === true ? { rateLimits: false } : {}),
    ...(values.quota === undefined ? {} : { quota: parseQuota(values.quota) }),
    store: values['no-store'] === true ? false : parseStore(values.retention, values.db),
  }
  const faults = parseFaults(values)
  try {
    devnetSettings(options)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  return { kind: 'run', options, faults, json: values.json === true }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: joinNegativeValues(args),
      strict: true,
      allowPositionals: false,
      options: {
        nodes: { type: 'string' },
        cluster: { type: 'string' },
        shards: { type: 'string' },
        shard: { type: 'string', multiple: true },
        topology: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        seed: { type: 'string' },
        'no-store': { type: 'boolean' },
        retention: { type: 'string' },
        db: { type: 'string' },
        'no-rate-limits': { type: 'boolean' },
        quota: { type: 'string' },
        drop: { type: 'string' },
        delay: { type: 'string' },
        refuse: { type: 'string' },
        skew: { type: 'string' },
        silent: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    const [line = 'bad arguments'] = error instanceof Error ? error.message.split('\n') : []
    throw new UsageError(line)
  }
}

/** Faults as they are given on the command line and on the input: `drop=0.1`, `silent=on`. */
export function faultSettings(given: Readonly<Record<string, string | boolean>>): Partial<FaultSettings> {
  const settings: Record<string, number | boolean> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === 'silent') settings['silent'] = value === true || value === 'on'
    else if (name === 'drop') {
      settings['dropLightPush'] = numberOf(name, value)
      settings['dropFilterPush'] = numberOf(name, value)
    } else if (name === 'delay') settings['delayMs'] = numberOf(name, value)
    else if (name === 'skew') settings['clockSkewMs'] = numberOf(name, value)
    else if (name === 'refuse') settings['refuse'] = numberOf(name, value)
    else throw new UsageError(`no fault is called ${name}; there are drop, delay, refuse, skew and silent`)
  }
  const problem = faultProblem(settings)
  if (problem !== undefined) throw new UsageError(problem)
  return settings
}

function parseFaults(values: Readonly<Record<string, unknown>>): Partial<FaultSettings> {
  const given: Record<string, string | boolean> = {}
  for (const name of ['drop', 'delay', 'refuse', 'skew', 'silent']) {
    const value = values[name]
    if (typeof value === 'string' || typeof value === 'boolean') given[name] = value
  }
  return faultSettings(given)
}

function parseStore(
  retention: string | undefined,
  db: string | undefined,
): NonNullable<DevnetOptions['store']> {
  return {
    ...(retention === undefined ? {} : { retentionMs: numberOf('--retention', retention) * 1000 }),
    ...(db === undefined ? {} : { db }),
  }
}

function parseQuota(text: string): DevnetQuota {
  const [messages, seconds, ...rest] = text.split('/')
  if (messages === undefined || seconds === undefined || rest.length > 0) {
    throw new UsageError(`--quota expected MESSAGES/SECONDS, as in 20/600, got ${text}`)
  }
  return { messages: numberOf('--quota', messages), epochMs: numberOf('--quota', seconds) * 1000 }
}

function given(option: string, value: string | undefined, flag = `--${option}`): Record<string, number> {
  return value === undefined ? {} : { [option]: numberOf(flag, value) }
}

function numberOf(name: string, value: string | boolean): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (Number.isNaN(number)) throw new UsageError(`${name} expected a number, got ${String(value)}`)
  return number
}
