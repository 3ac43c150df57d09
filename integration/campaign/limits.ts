/** The limits of LIMITS.md that a channel shows itself to keep, as the judge reads them there. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ReliableChannel } from '@reliable-channels/channel'

const page = readFileSync(fileURLToPath(new URL('../../LIMITS.md', import.meta.url)), 'utf8')

/** The default of an option, by its row. */
function defaultOf(option: string): number {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${option}\` |`))
  const value = Number(/^[\d_]+/.exec(row?.split('|')[3]?.trim() ?? '')?.[0].replaceAll('_', ''))
  if (Number.isNaN(value)) throw new Error(`LIMITS.md has no default of ${option}`)
  return value
}

type Stats = ReturnType<ReliableChannel['stats']>

/** What a channel counts, and the option that limits it. */
const COUNTED: readonly (readonly [option: string, of: (stats: Stats) => number])[] = [
  ['maxOpenRequests', ({ waiting }) => waiting.requests],
  ['maxOpenBytes', ({ waiting }) => (waiting.requests > 1 ? waiting.requestBytes : 0)],
  ['maxOutgoing', ({ waiting }) => waiting.unacknowledged],
  ['maxOutgoingBytes', ({ waiting }) => waiting.unacknowledgedBytes],
  ['maxMissing', ({ waiting }) => waiting.missing],
  ['maxSets', ({ waiting }) => waiting.incomplete],
  ['maxBufferedBytes', ({ waiting }) => waiting.incompleteBytes],
]

const limits = COUNTED.map(([option, of]) => ({ option, of, most: defaultOf(option) }))

/** Says in words which limits a channel with default options exceeds. */
export function exceeded(stats: Stats): string[] {
  const all = limits.flatMap(({ option, of, most }) =>
    of(stats) > most ? [`${of(stats)} where ${option} is ${most}`] : [],
  )
  const { used, limit } = stats.quota
  return used > limit ? [...all, `${used} sent in an epoch where the quota is ${limit}`] : all
}
