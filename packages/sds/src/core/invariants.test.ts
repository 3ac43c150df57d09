import fc from 'fast-check'
import { expect, it } from 'vitest'

import { START, seeded } from '../../test/network.ts'
import type { FrameToEncode, SdsOutput } from './input.ts'
import { checkState } from './check-state.ts'
import type { SdsOptions } from './options.ts'
import { stageOf } from './stage.ts'
import { createState } from './state.ts'
import { sdsRecords } from './store/stored-records.ts'
import { encodeMessage } from './wire/codec.ts'
import type { SdsMessage } from './wire/message.ts'

const limits = {
  maxHistory: 15,
  maxHistoryBytes: 4_000,
  maxMet: 20,
  maxIncoming: 6,
  maxIncomingPerSender: 4,
  maxMissing: 10,
  maxOutgoing: 5,
  repair: { tMinMs: 2_000, tMaxMs: 8_000, maxRequests: 4, maxResponses: 5 },
} satisfies Partial<SdsOptions>

const id = fc.nat(24)
const ids = fc.array(id, { maxLength: 5 })
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('hear' as const),
      id,
      sender: fc.constantFrom('carol', 'dave', 'bob', 'mallory'),
      before: ids,
      wanted: ids,
      kind: fc.constantFrom('content', 'content', 'sync', 'ephemeral'),
      lamport: fc.oneof(fc.nat(100), fc.constantFrom(-1e10, 8e7, 1e12)),
      size: fc.constantFrom(1, 10, 1_500),
      filter: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
    }),
  },
  fc.record({
    type: fc.constant('say' as const),
    size: fc.constantFrom(1, 900),
    ephemeral: fc.boolean(),
    order: fc.constantFrom('causal' as const, 'none' as const),
    priority: fc.constantFrom('critical' as const, 'normal' as const, 'optional' as const),
  }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('leave-line' as const), index: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('report' as const),
      index: fc.nat(5),
      outcome: fc.constantFrom('dispatched' as const, 'failed' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(15_000) }) },
  fc.record({ type: fc.constant('jump' as const), ms: fc.integer({ min: -50_000, max: 50_000 }) }),
  fc.record({ type: fc.constant('waive' as const), ids, dependents: ids }),
  fc.record({ type: fc.constant('suspended' as const), lateMs: fc.nat(20_000) }),
  fc.record({ type: fc.constant('take-back' as const) }),
)

it('keeps its invariants and limits, whatever comes, in whatever order', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.constantFrom('lip' as const, 'nim' as const),
      fc.constantFrom('at-once' as const, 'at-release' as const),
      fc.constantFrom(0, 10_000),
      fc.array(step, { maxLength: 80, size: 'max' }),
      (seed, dialect, encoding, paceMs, steps) => {
        const options: SdsOptions = {
          ...limits,
          participantId: 'bob',
          channelId: 'channel',
          random: seeded(seed),
          dialect,
          encoding,
          paceMs,
          ...(encoding === 'at-release' && { dispatch: 'reported' }),
          lostAfterMs: 30_000,
          periodicSyncMs: 20_000,
          maxRetransmissions: 2,
        }
        const state = createState(options, sdsRecords().journal)
        const stage = stageOf(state)
        let now = START
        const own: string[] = []
        const line: FrameToEncode[] = []
        const out: FrameToEncode[] = []
        const delivered = new Map<string, number>()
        const take = ({ outputs }: { readonly outputs: readonly SdsOutput[] }): void => {
          for (const output of outputs) {
            if (output.type === 'wrapped') {
              own.push(output.messageId)
              line.push({ ...output, kind: 'content' })
            } else if (output.type === 'traffic') line.push(output.frame)
            else if (output.type === 'encoded') out.push(output.frame)
            else if (output.type === 'delivered' && !output.ephemeral) {
              delivered.set(output.messageId, (delivered.get(output.messageId) ?? 0) + 1)
            }
          }
          checkState(state)
        }
        // Some are own ones.
        const nameOf = (number: number): string =>
          number < 4 ? (own.at(-1 - number) ?? 'none') : `m${number}`
        const named = (numbers: readonly number[]): SdsMessage['causalHistory'] =>
          numbers.map((number) => ({ messageId: nameOf(number), senderId: 'carol' }))
        for (const one of steps) {
          if (one.type === 'pass') {
            for (const end = now + one.ms; ;) {
              const deadline = stage.deadline()
              if (deadline === undefined || deadline > end) {
                now = end
                break
              }
              now = Math.max(now, deadline)
              take(stage.tick(now))
            }
          } else if (one.type === 'jump') now += one.ms
          else if (one.type === 'say') {
            const frame = { payload: new Uint8Array(one.size) }
            const { ephemeral, order, priority } = one
            take(stage.handle({ type: 'wrap', frame, ephemeral, order, priority }, now))
          } else if (one.type === 'leave-line') {
            const [frame] = line.splice(one.index % Math.max(1, line.length), 1)
            if (frame === undefined) continue
            const { wanted } = frame as { wanted?: (at: number) => boolean }
            if (wanted?.(now) === false) {
              if (frame.kind === 'content') continue
              const { messageId, kind } = frame
              take(stage.handle({ type: 'withdrawn', frame: { messageId, kind } }, now))
            } else take(stage.handle({ type: 'encode', frame }, now))
          } else if (one.type === 'report') {
            const [frame] = out.splice(one.index % Math.max(1, out.length), 1)
            if (frame === undefined) continue
            const { messageId, kind } = frame
            take(stage.handle({ type: 'dispatch-ended', messageId, kind, outcome: one.outcome }, now))
          } else if (one.type === 'waive') {
            const messages = one.ids.map((number) => ({ messageId: nameOf(number) }))
            take(stage.handle({ type: 'waive', messages, dependents: one.dependents.map(nameOf) }, now))
          } else if (one.type === 'suspended') take(stage.handle(one, now))
          else if (one.type === 'take-back') {
            const answer = { open: true, taken: false }
            take(stage.handle({ type: 'abandon', messageIds: own.slice(-1), answer }, now))
          } else {
            const lamport = Math.max(0, (dialect === 'lip' ? START : START / 1000) + one.lamport)
            const payload = encodeMessage(
              {
                senderId: one.sender,
                messageId: nameOf(one.id),
                channelId: 'channel',
                causalHistory: named(one.before),
                repairRequest: named(one.wanted),
                bloomFilter: one.filter,
                ...(one.kind !== 'ephemeral' && { lamport: Math.floor(lamport) }),
                ...(one.kind !== 'sync' && { content: new Uint8Array(one.size) }),
              },
              dialect,
            )
            take(stage.handle({ type: 'receive', frame: { payload } }, now))
          }
        }
        for (const [messageId, times] of delivered) expect([messageId, times]).toEqual([messageId, 1])
      },
    ),
    { numRuns: 80 },
  )
})
