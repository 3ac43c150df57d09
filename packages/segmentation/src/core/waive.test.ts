import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ParkedSegment } from './reassembly-input.ts'
import { type RebuiltMessage, waivableMessages } from './waive.ts'

const NOTHING = new Uint8Array(0)

const parked = (
  messageId: string,
  senderId: string,
  sameSenderHistory: readonly string[],
  missing: readonly string[] = sameSenderHistory,
): ParkedSegment => ({
  messageId,
  senderId,
  content: NOTHING,
  missing,
  sameSenderHistory: sameSenderHistory.map((id) => ({ messageId: id })),
})

/** A message of alice of which these segments are parked, and no others held. */
const rebuilt = (
  places: Readonly<Record<number, ParkedSegment>>,
  held: readonly number[] = [],
  causalHistoryLength = 2,
): RebuiltMessage => {
  const entries = Object.entries(places).map(([place, segment]) => ({ place: Number(place), segment }))
  return {
    senderId: 'alice',
    places: new Set([...held, ...entries.map(({ place }) => place)]),
    parked: entries,
    causalHistoryLength,
  }
}

const waived = (message: RebuiltMessage, others: readonly ParkedSegment[] = []): string[] =>
  waivableMessages(message, [...message.parked.map(({ segment }) => segment), ...others]).map(
    ({ messageId }) => messageId,
  )

describe('what a rebuilt message need not wait for', () => {
  it('are the segments before a parked one, as many as its history names', () => {
    expect(waived(rebuilt({ 2: parked('a2', 'alice', ['a0', 'a1']) }))).toEqual(['a0', 'a1'])
    expect(waived(rebuilt({ 3: parked('a3', 'alice', ['a1', 'a2']) }))).toEqual(['a1', 'a2'])
    expect(waivableMessages(rebuilt({ 1: parked('a1', 'alice', ['a0']) }), [])).toEqual([
      { messageId: 'a0', senderId: 'alice' },
    ])
  })

  it('is never what the sender said before the message', () => {
    expect(waived(rebuilt({ 0: parked('a0', 'alice', ['x', 'y']) }))).toEqual([])
    expect(waived(rebuilt({ 1: parked('a1', 'alice', ['y', 'a0']) }))).toEqual(['a0'])
    expect(waived(rebuilt({ 2: parked('a2', 'alice', ['x', 'y', 'a0', 'a1']) }))).toEqual(['a0', 'a1'])
  })

  it('is only what is missing', () => {
    expect(waived(rebuilt({ 2: parked('a2', 'alice', ['a0', 'a1'], ['a1']) }))).toEqual(['a1'])
    const both = { 2: parked('a2', 'alice', ['a0', 'a1']), 3: parked('a3', 'alice', ['a1', 'a2']) }
    expect(waived(rebuilt(both))).toEqual(['a0', 'a1'])
  })

  it('is, in an honest message of any losses, exactly the lost segments that are named', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        (arrived, historyLength) => {
          const before = Array.from({ length: historyLength }, (_, i) => `before${i}`)
          const ids = [...before, ...arrived.map((_, place) => `a${place}`)]
          const history = (place: number): string[] => ids.slice(place, place + historyLength)
          const lost = new Set(arrived.flatMap((has, place) => (has ? [] : [`a${place}`])))
          const segments = Object.fromEntries(
            arrived.flatMap((has, place) =>
              has ? [[place, parked(`a${place}`, 'alice', history(place))]] : [],
            ),
          )
          const named = new Set(
            Object.values(segments).flatMap((s) => s.sameSenderHistory.map((e) => e.messageId)),
          )
          expect(new Set(waived(rebuilt(segments, [], historyLength)))).toEqual(
            new Set([...lost].filter((id) => named.has(id))),
          )
        },
      ),
    )
  })
})

describe('what the first segment came after', () => {
  it('is still waited for: each segment names it before the last of its own', () => {
    const a3 = parked('a3', 'alice', ['before', 'a1', 'a2'], ['before', 'a1', 'a2'])
    expect(waived(rebuilt({ 3: a3 }, [0]))).toEqual(['a1', 'a2'])
  })
})

describe('a hostile segment that names another message as its own', () => {
  it('gains nothing where its place says that there is no such segment', () => {
    expect(waived(rebuilt({ 0: parked('a0', 'alice', ['victim']) }))).toEqual([])
    expect(waived(rebuilt({ 1: parked('a1', 'alice', ['victim', 'a0']) }, [0]))).toEqual([])
    // Every place before it is filled.
    expect(waived(rebuilt({ 2: parked('a2', 'alice', ['victim', 'other']) }, [0, 1]))).toEqual([])
  })

  it('gains nothing where segments of one message contradict each other', () => {
    // Two ids for place 1.
    expect(
      waived(rebuilt({ 2: parked('a2', 'alice', ['victim']), 3: parked('a3', 'alice', ['a1', 'a2']) })),
    ).toEqual([])
    // One id for a place that is free and one that is filled, and for two that are free.
    const filled = { 2: parked('a2', 'alice', ['victim']), 4: parked('a4', 'alice', ['victim', 'a3']) }
    expect(waived(rebuilt(filled, [3]))).toEqual([])
    const free = { 2: parked('a2', 'alice', ['victim']), 5: parked('a5', 'alice', ['victim']) }
    expect(waived(rebuilt(free))).toEqual([])
  })

  it('gains nothing where the named message is there, or its real sender lists it', () => {
    const hostile = parked('a1', 'alice', ['victim'])
    expect(waived(rebuilt({ 1: hostile }), [parked('victim', 'bob', ['b0'])])).toEqual([])
    expect(waived(rebuilt({ 1: hostile }), [parked('b2', 'bob', ['victim', 'b1'])])).toEqual([])
  })

  it('has at best a waiver on the word of the sender it claims to be, for whoever believes that sender', () => {
    const waivers = waivableMessages(rebuilt({ 1: parked('a1', 'alice', ['victim']) }), [])
    expect(waivers).toEqual([{ messageId: 'victim', senderId: 'alice' }])
  })

  it('never waives more than the message has places left', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ place: fc.nat(15), history: fc.array(fc.string({ maxLength: 2 })) }), {
          selector: ({ place }) => place,
        }),
        (claims) => {
          const segments = Object.fromEntries(
            claims.map(({ place, history }) => [place, parked(`parked ${place}`, 'alice', history)]),
          )
          const last = Math.max(0, ...claims.map(({ place }) => place))
          expect(waived(rebuilt(segments)).length).toBeLessThanOrEqual(
            last + 1 - claims.length + (claims.length === 0 ? 1 : 0),
          )
        },
      ),
    )
  })
})
