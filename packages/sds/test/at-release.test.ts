import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type SdsOutput,
  type SdsStage,
  type TrafficFrame,
  createSdsStage,
  decodeMessage,
  encodeMessage,
} from '../src/core.ts'
import { START, seeded } from './network.ts'

const MAX_RETRANSMISSIONS = 2

type Waiting = Pick<TrafficFrame, 'messageId' | 'replaces' | 'wanted'> & {
  readonly kind: 'content' | TrafficFrame['kind']
  readonly payload: Uint8Array
}

/** A participant whose frames wait in a queue, and are dispatched one by one. */
class Line {
  now = START
  readonly stage: SdsStage
  /** Not let out yet. */
  waiting: Waiting[] = []
  /** Let out, and not reported. */
  out: Waiting[] = []
  readonly wrapped: string[] = []
  readonly ended = new Map<string, string>()
  readonly retransmitted = new Map<string, number>()
  syncs = 0

  constructor(random: () => number, paceMs: number) {
    this.stage = createSdsStage({
      participantId: 'bob',
      channelId: 'channel',
      random,
      periodicSyncMs: 0,
      encoding: 'at-release',
      dispatch: 'reported',
      maxRetransmissions: MAX_RETRANSMISSIONS,
      lostAfterMs: 120_000,
      repair: { tMinMs: 5_000, tMaxMs: 20_000 },
      paceMs,
    })
  }

  input(input: Parameters<SdsStage['handle']>[0]): readonly SdsOutput[] {
    return this.#take(this.stage.handle(input, this.now).outputs)
  }

  pass(ms: number): void {
    const end = this.now + ms
    for (let ticks = 0; ; ticks++) {
      const deadline = this.stage.deadline()
      if (deadline === undefined || deadline > end) break
      expect(ticks).toBeLessThan(10_000)
      this.now = Math.max(this.now, deadline)
      this.#take(this.stage.tick(this.now).outputs)
    }
    this.now = end
  }

  /** The rate limit lets out what waits at `index`, if it is wanted. */
  letOut(index: number): void {
    const [frame] = this.waiting.splice(index, 1)
    if (frame === undefined) return
    if (frame.wanted?.(this.now) === false) {
      if (frame.kind !== 'content') {
        const { messageId, kind } = frame
        this.input({ type: 'withdrawn', frame: { messageId, kind } })
      }
      return
    }
    const encoded = this.input({ type: 'encode', frame }).find(({ type }) => type === 'encoded')
    // A frame that is wanted is put out.
    expect(encoded, `${frame.kind} ${frame.messageId}`).toBeDefined()
    if (encoded?.type !== 'encoded') return
    const { message } = decodeMessage(encoded.payload)
    expect(message?.messageId).toBe(frame.messageId)
    this.out.push(frame)
  }

  report(index: number, outcome: 'dispatched' | 'failed'): void {
    const [frame] = this.out.splice(index, 1)
    if (frame !== undefined)
      this.input({ type: 'dispatch-ended', messageId: frame.messageId, outcome, kind: frame.kind })
  }

  #take(outputs: readonly SdsOutput[]): readonly SdsOutput[] {
    for (const output of outputs) {
      if (output.type === 'wrapped') {
        this.wrapped.push(output.messageId)
        this.waiting.push({ ...output, kind: 'content' })
      } else if (output.type === 'traffic') {
        const { frame } = output
        if (frame.kind === 'sync') this.syncs++
        const replaced = this.waiting.findIndex(({ replaces }) => replaces !== undefined)
        if (frame.replaces !== undefined && replaced >= 0) this.waiting[replaced] = frame
        else this.waiting.push(frame)
        // Never a second copy of a kind while one is on its way.
        if (frame.kind !== 'sync') {
          const copies = [...this.waiting, ...this.out].filter(
            ({ messageId }) => messageId === frame.messageId,
          )
          expect(copies.filter(({ kind }) => (kind === 'repair') === (frame.kind === 'repair'))).toHaveLength(
            1,
          )
        }
      } else if (output.type === 'event') {
        const { event } = output
        if (event.type === 'retransmitted') this.retransmitted.set(event.messageId, event.retransmissions)
        // Who has lost what he acknowledged may have it again.
        if (event.type === 'acknowledgement-withdrawn') this.ended.set(event.messageId, event.type)
        if (event.type === 'delivery-failed' || (event.type === 'acknowledged' && event.first)) {
          // Whoever was given up may be acknowledged after all, late.
          const before = this.ended.get(event.messageId)
          if (before !== undefined) {
            expect(['delivery-failed', 'acknowledgement-withdrawn']).toContain(before)
            expect(event.type).toBe('acknowledged')
          }
          this.ended.set(event.messageId, event.type)
        }
      }
    }
    return outputs
  }
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('say' as const),
      order: fc.constantFrom('causal' as const, 'causal' as const, 'none' as const),
      priority: fc.constantFrom('critical' as const, 'normal' as const, 'optional' as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('let-out' as const), index: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('report' as const),
      index: fc.nat(3),
      outcome: fc.constantFrom('dispatched' as const, 'dispatched' as const, 'failed' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(30_000) }) },
  fc.record({ type: fc.constant('acknowledge' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('hear' as const), missing: fc.boolean() }),
  fc.record({ type: fc.constant('ask' as const), which: fc.nat() }),
  fc.record({ type: fc.constant('take-back' as const) }),
  fc.record({ type: fc.constant('set-back' as const), ms: fc.nat(100_000) }),
)

describe('messages that are made when a rate limit lets them go', () => {
  it('leave once at a time, and each is acknowledged or given up in the end', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(0, 500, 30_000),
        fc.array(step, { maxLength: 100, size: 'max' }),
        (seed, paceMs, steps) => {
          const line = new Line(seeded(seed), paceMs)
          let heard = 0
          const takenBack = new Set<string>()
          const fromCarol = (more: Partial<Parameters<typeof encodeMessage>[0]>): void => {
            const message = {
              senderId: 'carol',
              messageId: `c${++heard}`,
              channelId: 'channel',
              lamport: START + heard,
              causalHistory: [],
              repairRequest: [],
              ...more,
            }
            line.input({ type: 'receive', frame: { payload: encodeMessage(message, 'lip') } })
          }
          for (const one of steps) {
            const known = line.wrapped[('which' in one ? one.which : 0) % line.wrapped.length]
            if (one.type === 'say') {
              const { order, priority } = one
              line.input({ type: 'wrap', frame: { payload: Uint8Array.of(1, 2) }, order, priority })
            } else if (one.type === 'let-out') line.letOut(one.index % Math.max(1, line.waiting.length))
            else if (one.type === 'report') line.report(one.index % Math.max(1, line.out.length), one.outcome)
            else if (one.type === 'pass') line.pass(one.ms)
            else if (one.type === 'set-back') line.now -= one.ms
            else if (one.type === 'hear') {
              const causalHistory = one.missing ? [{ messageId: `gone-${heard}`, senderId: 'carol' }] : []
              fromCarol({ content: Uint8Array.of(3), causalHistory })
            } else if (one.type === 'take-back') {
              const messageId = line.wrapped.at(-1)
              if (messageId === undefined) continue
              const answer = { open: true, taken: false }
              line.input({ type: 'abandon', messageIds: [messageId], answer })
              if (!answer.taken) continue
              line.wrapped.pop()
              takenBack.add(messageId)
            } else if (known === undefined) continue
            // Nobody knows of what has not left.
            else if (line.waiting.some(({ messageId, kind }) => kind === 'content' && messageId === known))
              continue
            else if (one.type === 'acknowledge') fromCarol({ causalHistory: [{ messageId: known }] })
            else fromCarol({ repairRequest: [{ messageId: known, senderId: 'bob' }] })
          }
          // From now on everything leaves.
          for (let round = 0; line.stage.outgoing().messages > 0 || line.waiting.length > 0; round++) {
            expect(round, 'rounds until all has ended').toBeLessThan(200)
            while (line.waiting.length > 0) line.letOut(0)
            while (line.out.length > 0) line.report(0, 'dispatched')
            line.pass(120_000)
          }
          for (const messageId of line.wrapped) expect(line.ended.has(messageId)).toBe(true)
          for (const messageId of takenBack) expect(line.ended.has(messageId)).toBe(false)
          for (const times of line.retransmitted.values()) {
            expect(times).toBeLessThanOrEqual(MAX_RETRANSMISSIONS)
          }
          // And then it is still.
          while (line.out.length > 0) line.report(0, 'dispatched')
          line.pass(3_600_000)
          const syncs = line.syncs
          line.pass(3_600_000)
          expect(line.syncs).toBe(syncs)
        },
      ),
      { numRuns: 200 },
    )
  })
})
