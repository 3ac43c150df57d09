import { readFileSync } from 'node:fs'
import { createRateLimitStage } from '@reliable-channels/rate-limit/core'
import { createReassemblyStage, segmentPayload } from '@reliable-channels/segmentation/core'
import { createSdsStage } from '@reliable-channels/sds/core'
import { sdsRecords } from '@reliable-channels/sds/records'
import { type Change, type Entry, checkedStore, memoryStore } from '@reliable-channels/store'
import { recordsOf } from '../../stored/write-records.ts'
import { WRITTEN_AT_MS, converse } from '../../stored/scenario.ts'
import { type FuzzSubject, type FuzzTarget, hold } from '../target.ts'
import { SDS_LIMITS } from './sds.ts'
import { spokenRecords } from './spoken.ts'

const NOW = 1_795_000_000_000

/** Puts each input in the place of one record, and has all of them restored. */
function restoring(
  entries: readonly Entry[],
  random: () => number,
  restore: (entries: readonly Entry[], index: number) => unknown,
): FuzzSubject {
  return {
    take(value) {
      const index = Math.floor(random() * entries.length)
      return restore(entries.with(index, { key: entries[index]!.key, value }), index)
    },
  }
}

const valuesOf = (entries: readonly Entry[]): Uint8Array[] => entries.map(({ value }) => value)

const ofSds: FuzzTarget = {
  name: 'sds-records',
  weight: 0.6,
  roundInputs: 200,
  perByte: 512,
  besides: 8 * 2 ** 20,
  seeds: () => valuesOf(spokenRecords()),
  open: (random) =>
    restoring(spokenRecords(), random, (entries) => {
      const corrupt: string[] = []
      const stage = createSdsStage(
        {
          participantId: 'alice',
          channelId: 'channel',
          random,
          onCorrupt: (key) => corrupt.push(key),
          ...SDS_LIMITS,
        },
        sdsRecords(entries),
      )
      stage.handle({ type: 'start' }, NOW)
      for (let steps = 0; (stage.deadline() ?? Infinity) <= NOW; steps++) {
        stage.tick(NOW)
        hold(steps < 1_000, 'the timers never come to rest')
      }
      const { outputs } = stage.handle({ type: 'wrap', frame: { payload: Uint8Array.of(1) } }, NOW)
      hold(
        outputs.some(({ type }) => type === 'wrapped'),
        'it cannot say anything any more',
      )
      hold(corrupt.length <= entries.length, 'more records are damaged than there are')
      return corrupt
    }),
}

/** What a reassembly stage has stored of two payloads, one of which is whole. */
function segmentRecords(): Entry[] {
  const stored = new Map<string, Uint8Array>()
  const stage = createReassemblyStage({})
  for (const [index, { payload }] of [
    ...segmentPayload(new Uint8Array(900).fill(1), { segmentSizeBytes: 400 }),
    ...segmentPayload(new Uint8Array(900).fill(2), { segmentSizeBytes: 400, parityRate: 1 }).slice(0, 2),
  ].entries()) {
    const frame = { payload, senderId: 'alice', messageId: `${index}`, lamport: NOW + index }
    for (const { key, value } of stage.handle({ type: 'segment', frame }, NOW).changes) {
      if (value === undefined) stored.delete(key)
      else stored.set(key, value)
    }
  }
  return [...stored].map(([key, value]) => ({ key, value }))
}

const ofSegments: FuzzTarget = {
  name: 'segment-records',
  weight: 4,
  roundInputs: 2_000,
  perByte: 128,
  besides: 2 ** 20,
  seeds: () => valuesOf(segmentRecords()),
  open: (random) =>
    restoring(segmentRecords(), random, (restore) => {
      const stage = createReassemblyStage({ restore, timeoutMs: 60_000 })
      stage.tick(NOW)
      const { sets } = stage.stats()
      hold(sets <= restore.length, `${sets} sets of ${restore.length} records`)
      return undefined
    }),
}

function quotaRecords(): Entry[] {
  const stage = createRateLimitStage({ enabled: true, epochMs: 600_000, messagesPerEpoch: 8 })
  const lane = stage.openLane('chat')
  const stored: Change[] = []
  for (let i = 0; i < 3; i++)
    stored.push(...stage.handle({ type: 'frame', lane, frame: i, fields: {} }, NOW).changes)
  return stored.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }]))
}

const ofQuota: FuzzTarget = {
  name: 'quota-records',
  weight: 6,
  roundInputs: 5_000,
  perByte: 64,
  besides: 65_536,
  seeds: () => valuesOf(quotaRecords()),
  open: (random) =>
    restoring(quotaRecords(), random, (restore) => {
      const stage = createRateLimitStage({ enabled: true, epochMs: 600_000, messagesPerEpoch: 8, restore })
      stage.tick(NOW)
      const { left, used } = stage.quota(NOW)
      hold(left >= 0 && left <= 8 && used >= 0, `${left} left, ${used} used of 8`)
      return undefined
    }),
}

/** The records of a member of a conversation, as a version has written them, without their checks. */
async function ofMember(name: 'alice' | 'bob'): Promise<Entry[]> {
  const records = JSON.parse(readFileSync(recordsOf('0.1'), 'utf8')) as Record<string, Record<string, string>>
  const medium = new Map(
    Object.entries(records[name]!).map(([key, hex]) => [key, Uint8Array.from(Buffer.from(hex, 'hex'))]),
  )
  const found: Entry[] = []
  for await (const entry of checkedStore(memoryStore(medium)).entries('')) found.push(entry)
  return found
}

const members = { alice: await ofMember('alice'), bob: await ofMember('bob') }

/** A whole channel is opened of its records, one of which is another than was written. */
const ofChannel: FuzzTarget = {
  name: 'channel-records',
  weight: 0.02,
  roundInputs: 50,
  perByte: 4_096,
  besides: 64 * 2 ** 20,
  seeds: () => valuesOf([...members.alice, ...members.bob]),
  open: (random) => ({
    async take(value) {
      const name = random() < 0.5 ? 'alice' : 'bob'
      const entries = members[name]
      const index = Math.floor(random() * entries.length)
      const medium = new Map<string, Uint8Array>()
      await checkedStore(memoryStore(medium)).write(entries.with(index, { key: entries[index]!.key, value }))
      const { time, open } = converse(WRITTEN_AT_MS + 60_000)
      // A record that says whose the store is, or of which version, may have it refused.
      const member = await open(name, memoryStore(medium)).catch((error: unknown) => {
        hold(
          String((error as { code?: unknown }).code).startsWith('ERR_STORE'),
          `opening failed: ${String(error)}`,
        )
      })
      if (member === undefined) return undefined
      await time.run({ maxMs: 5_000 })
      const dead = member.events.find((event) => event.type === 'diagnostic' && event.code === 'channel-died')
      hold(dead === undefined, 'the channel died')
      await Promise.all([member.channel.close(), time.run({ maxMs: 60_000 })])
      return undefined
    },
  }),
}

export const recordTargets: readonly FuzzTarget[] = [ofSds, ofSegments, ofQuota, ofChannel]
