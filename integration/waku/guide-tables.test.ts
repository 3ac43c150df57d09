import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ChannelEvent, ChannelSdsOptions } from '@reliable-channels/channel'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../scripts/project.ts'

const guide = readFileSync(join(PROJECT_ROOT, 'docs/pages/guides/from-waku-sdk.md'), 'utf8')

/** A file of types beside the entry of an installed package. */
const typesIn = (entry: string, file: string): string =>
  readFileSync(fileURLToPath(new URL(file, entry)), 'utf8')
const sdk = import.meta.resolve('@waku/sdk')
const sds = import.meta.resolve('@waku/sds', sdk)
const channelTypes = typesIn(sdk, './reliable_channel/reliable_channel.d.ts')

const between = (text: string, start: string, end: string): string => text.split(start)[1]!.split(end)[0]!
const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found]) => found!)

/** What each column of the table below a heading names in backticks, its head left out. */
function named(heading: string): [theirs: string[], ours: string[]] {
  const rows = all(between(guide, `\n## ${heading}\n`, '\n## '), /^\|(.*)\|$/gm).slice(2)
  const column = (index: number): string[] =>
    rows.flatMap((row) => all(row.split(' | ')[index]!, /`([^`]+)`/g))
  return [column(0), column(1)]
}

/** What the guide names of ours: the compiler knows whether there is such a thing. */
const EVENTS = [
  'reliable:message:sent',
  'reliable:message:delivered',
  'reliable:message:send-error',
  'reliable:message:delivery-error',
  'reliable:message:received',
] satisfies ChannelEvent['type'][]
const SDS_OPTIONS = {
  periodicSyncMs: 30_000,
  acknowledgementTimeoutMs: 60_000,
  maxRetransmissions: 10,
  causalHistoryLength: 2,
  lostAfterMs: 600_000,
  possibleAcknowledgementThreshold: 2,
  repair: {},
} satisfies ChannelSdsOptions

describe('the guide from ReliableChannel of @waku/sdk to here', () => {
  it('names its calls', () => {
    const [theirs] = named('Calls')
    const names = ['create', 'send', 'getMessageId', 'start', 'stop', 'isStarted', 'messageChannel']
    for (const name of names) {
      expect(theirs.some((call) => call.includes(name))).toBe(true)
      expect(channelTypes).toMatch(new RegExp(`^ {4}(?:static |get )?${name}[<(:]`, 'm'))
    }
  })

  it('has each of its events, and names events that there are here', () => {
    const [theirs, ours] = named('Events')
    const names = all(typesIn(sdk, './reliable_channel/events.d.ts'), /^ {4}"([a-z-]+)":/gm)
    expect(theirs.toSorted()).toEqual(names.toSorted())
    expect(ours.filter((name) => name.startsWith('reliable:'))).toEqual(EVENTS)
  })

  it('has each of its options, and names options that there are here', () => {
    const [theirs, ours] = named('Options')
    const options =
      between(channelTypes, 'MessageChannelOptions & {', '\n};') +
      between(
        typesIn(sds, './message_channel/message_channel.d.ts'),
        'interface MessageChannelOptions {',
        '\n}',
      )
    expect(theirs.toSorted()).toEqual(all(options, /^ {4}(\w+)\?:/gm).toSorted())
    const inSds = ours.flatMap((name) => /^sds: \{ (.*) \}$/.exec(name)?.[1]!.split(', ') ?? [])
    expect(inSds.toSorted()).toEqual(Object.keys(SDS_OPTIONS).toSorted())
  })
})
