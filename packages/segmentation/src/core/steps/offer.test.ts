import { describe, expect, it } from 'vitest'
import type { ParkedSegment, ReassemblyFrame } from '../../core.ts'
import { StageOnBench, bytesOf, corrupted, rebuiltOf, split } from '../../../test/stage-on-bench.ts'

/** Segments of one message, as SDS wraps them: each names the two before it. */
function wrapped(payload: Uint8Array, parityRate: number, senderId = 'alice', before = ['x0', 'x1']) {
  const contents = split(payload, { parityRate })
  const ids = [...before, ...contents.map((_, place) => `${senderId}-${place}`)]
  return contents.map((content, place) => ({
    content,
    senderId,
    messageId: ids[place + 2]!,
    history: [ids[place]!, ids[place + 1]!],
  }))
}

type Wrapped = ReturnType<typeof wrapped>[number]

/** The part of SDS that matters here: delivers in causal order, parks what waits, and takes waivers. */
class CausalOrder {
  readonly bench: StageOnBench = new StageOnBench()
  readonly #met = new Set(['x0', 'x1'])
  readonly waived: string[] = []
  #parked: Wrapped[] = []

  arrive(segment: Wrapped): void {
    const missing = segment.history.filter((id) => !this.#met.has(id))
    if (missing.length === 0) return this.#deliver(segment)
    this.#parked.push(segment)
    this.#took(this.bench.input({ type: 'offer', parked: [asParked(segment, missing)] }))
  }

  get waiting(): number {
    return this.#parked.length
  }

  #deliver({ content: payload, senderId, messageId }: Wrapped): void {
    this.#met.add(messageId)
    this.#took(this.bench.feed({ payload, senderId, messageId }))
    this.#release()
  }

  #took(outputs: ReturnType<StageOnBench['feed']>): void {
    for (const { messageId } of rebuiltOf(outputs).flatMap(({ waive }) => waive)) {
      this.waived.push(messageId)
      this.#met.add(messageId)
    }
    this.#release()
  }

  #release(): void {
    const next = this.#parked.find(({ history }) => history.every((id) => this.#met.has(id)))
    if (next === undefined) return
    this.#parked = this.#parked.filter((segment) => segment !== next)
    this.#deliver(next)
  }
}

function asParked(
  { messageId, senderId, content, history }: Wrapped,
  missing: readonly string[],
): ParkedSegment {
  return {
    messageId,
    senderId,
    content,
    missing,
    sameSenderHistory: history.map((id) => ({ messageId: id })),
  }
}

const payload = bytesOf(8 * 192)

describe('parity and causal order', () => {
  it('let the message out when its k-th segment arrives, whatever was lost before it', () => {
    const segments = wrapped(payload, 0.5)
    const order = new CausalOrder()
    const arriving = segments.filter((_, place) => ![0, 3, 4, 9].includes(place))
    for (const segment of arriving.slice(0, 7)) order.arrive(segment)
    expect(order.bench.messages).toEqual([])
    order.arrive(arriving[7]!)
    expect(order.bench.messages).toEqual([payload])
    expect(order.waiting).toBe(0)
  })

  it('deliver at least 80 % of messages at 25 % loss with k = 8 and m = 4, and without parity a tenth', () => {
    const delivered = (parityRate: number): number => {
      let count = 0
      let state = 7
      for (let run = 0; run < 1_000; run++) {
        const order = new CausalOrder()
        for (const segment of wrapped(payload, parityRate)) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
          if (state / 2 ** 32 >= 0.25) order.arrive(segment)
        }
        count += order.bench.messages.length
      }
      return count / 1_000
    }
    expect(delivered(0.5)).toBeGreaterThanOrEqual(0.8)
    expect(delivered(0)).toBeLessThan(0.15)
  })

  it('hold up nothing behind the message when parity is lost after it was complete', () => {
    const segments = wrapped(payload, 0.5)
    const order = new CausalOrder()
    for (const segment of segments.filter((_, place) => place !== 10)) order.arrive(segment)
    expect(order.bench.messages).toEqual([payload])
    expect(order.waived).toEqual(['alice-10'])
    expect(order.waiting).toBe(0)
  })

  it('waive for segments that were parked before the last one needed was delivered', () => {
    const bench = new StageOnBench()
    const segments = wrapped(bytesOf(3 * 192), 1)
    const offer = (place: number, missing: string[]): ReturnType<typeof rebuiltOf> =>
      rebuiltOf(bench.input({ type: 'offer', parked: [asParked(segments[place]!, missing)] }))
    const feed = (place: number): ReturnType<typeof rebuiltOf> => {
      const { content, senderId, messageId } = segments[place]!
      return rebuiltOf(bench.feed({ payload: content, senderId, messageId }))
    }
    expect(offer(4, ['alice-2', 'alice-3'])).toEqual([])
    expect(feed(0)).toEqual([])
    expect(feed(1)).toMatchObject([
      {
        senderId: 'alice',
        messageIds: ['alice-4'],
        waive: [
          { messageId: 'alice-2', senderId: 'alice' },
          { messageId: 'alice-3', senderId: 'alice' },
        ],
      },
    ])
    expect(bench.messages).toEqual([])
  })

  it('wait for what is lost of the same payload sent again, though the first lacks it as well', () => {
    const bench = new StageOnBench()
    const [first, second] = [wrapped(payload, 0.5, 'first'), wrapped(payload, 0.5, 'second')]
    const frameOf = ({ content, messageId }: Wrapped, lamport: number): ReassemblyFrame => ({
      payload: content,
      senderId: 'alice',
      messageId,
      lamport,
    })
    for (const [place, segment] of first.entries())
      if (place !== 3) bench.feed(frameOf(segment, 1_000 + place))
    expect(bench.messages).toHaveLength(1)
    for (const place of [0, 1, 2]) bench.feed(frameOf(second[place]!, 9_000 + place))
    const parked = { ...asParked(second[4]!, ['second-3']), senderId: 'alice', lamport: 9_004 }
    expect(rebuiltOf(bench.input({ type: 'offer', parked: [parked] }))).toEqual([])
  })

  it('wait for what does not belong to the message', () => {
    const order = new CausalOrder()
    for (const segment of wrapped(payload, 0.5, 'alice', ['lost', 'x1'])) order.arrive(segment)
    expect(order.bench.messages).toEqual([])
    expect(order.waived).toEqual([])
    expect(order.waiting).toBe(12)
  })

  it('do not take a later segment of a waived place for a new beginning', () => {
    const segments = wrapped(payload, 0.5)
    const order = new CausalOrder()
    for (const segment of segments.slice(2)) order.arrive(segment)
    const { content, senderId, messageId } = segments[0]!
    order.bench.feed({ payload: content, senderId, messageId, late: true })
    expect(order.bench.messages).toHaveLength(1)
    expect(order.bench.stage.stats().sets).toBe(0)
  })
})

describe('hostile parked segments', () => {
  it('that name the payload of another sender do not count towards it', () => {
    const bench = new StageOnBench()
    const segments = wrapped(payload, 0.5)
    bench.feed(...segments.slice(0, 7).map(({ content, senderId }) => ({ payload: content, senderId })))
    const forged = { ...segments[8]!, senderId: 'mallory', messageId: 'm' }
    expect(rebuiltOf(bench.input({ type: 'offer', parked: [asParked(forged, forged.history)] }))).toEqual([])
  })

  it('whose content is corrupt rebuild nothing, so that nothing is waived for them', () => {
    const bench = new StageOnBench()
    const segments = wrapped(payload, 0.5).slice(4)
    const bad = segments.map((segment) =>
      asParked({ ...segment, content: corrupted(segment.content) }, segment.history),
    )
    expect(rebuiltOf(bench.input({ type: 'offer', parked: bad }))).toEqual([])
  })

  it('cannot have the message of another waived that others are known to have listed', () => {
    const bench = new StageOnBench()
    const [, parity] = wrapped(Uint8Array.of(1), 1, 'mallory')
    const bobs = wrapped(Uint8Array.of(2), 0, 'bob', ['victim', 'b1'])[0]!
    const claim = { ...parity!, history: ['victim'] }
    const outputs = bench.input({
      type: 'offer',
      parked: [asParked(bobs, ['victim']), asParked(claim, ['victim'])],
    })
    expect(rebuiltOf(outputs).flatMap(({ waive }) => waive)).toEqual([])
  })

  it('are bounded in number and bytes, and cost a bounded number of attempts', () => {
    const bench = new StageOnBench({ maxBufferedBytes: 100_000 })
    const honest = wrapped(payload, 0.5).map((segment) => asParked(segment, segment.history))
    bench.input({ type: 'offer', parked: honest.slice(0, 4) })
    for (let i = 0; i < 10_000; i++) {
      const content = split(bytesOf(300, i))[0]!
      bench.input({
        type: 'offer',
        parked: [{ messageId: `m${i}`, senderId: 'mallory', content, missing: ['x'], sameSenderHistory: [] }],
      })
    }
    expect(bench.stage.stats().parked).toBeLessThanOrEqual(100_000 / 230)
    // One sender cannot make the rest be forgotten.
    expect(rebuiltOf(bench.input({ type: 'offer', parked: honest.slice(4) }))).toHaveLength(1)
    expect(bench.stage.stats().sets).toBe(0)
  })

  it('are ignored when they are no segments', () => {
    const bench = new StageOnBench()
    const segments = wrapped(payload, 0.5)
    const offer = (some: readonly Wrapped[]): void => {
      bench.input({ type: 'offer', parked: some.map((segment) => asParked(segment, segment.history)) })
    }
    offer(segments.slice(1, 7))
    offer([{ ...segments[8]!, content: Uint8Array.of(255) }])
    expect(bench.stage.stats().parked).toBe(6)
    offer(segments.slice(9, 10))
    expect(bench.outputs).toEqual([])
    offer(segments.slice(10, 11))
    expect(bench.outputs).toMatchObject([{ type: 'rebuilt' }])
  })
})
