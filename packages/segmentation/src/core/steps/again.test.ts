import { describe, expect, it } from 'vitest'
import type { ReassemblyFrame } from '../../core.ts'
import { StageOnBench, bytesOf, messagesOf, split } from '../../../test/stage-on-bench.ts'

/** What a sender says: frames of one message after the other, as SDS hands them on. */
class Sender {
  readonly #senderId: string
  readonly #step: bigint | number
  #lamport: bigint | number

  constructor(senderId: string, from: bigint | number = 1_000) {
    this.#senderId = senderId
    this.#lamport = from
    this.#step = typeof from === 'bigint' ? 1n : 1
  }

  say(payload: Uint8Array, parityRate = 1, ephemeral = false): ReassemblyFrame[] {
    return split(payload, { parityRate }).map((segment) => {
      this.#lamport = (this.#lamport as number) + (this.#step as number)
      const { lamport } = { lamport: this.#lamport }
      return {
        payload: segment,
        senderId: this.#senderId,
        messageId: `${this.#senderId} ${lamport}`,
        lamport,
        ephemeral,
      }
    })
  }
}

/** Ids that are acknowledged no more, and then asked for. */
function askedFor({ outputs }: StageOnBench): readonly string[] {
  const [disowned, lacking] = (['disowned', 'lacking'] as const).map((type) =>
    outputs.flatMap((output) => (output.type === type ? output.messageIds : [])),
  )
  expect(lacking).toEqual(disowned)
  return lacking!
}

const late = (frame: ReassemblyFrame): ReassemblyFrame => ({ ...frame, late: true })

/** Some complete as many messages, of two segments each. */
function complete(bench: StageOnBench, count: number, ...senders: readonly Sender[]): void {
  for (let i = 0; i < count; i++) bench.feed(...senders[i % senders.length]!.say(bytesOf(300, 1_000 + i), 0))
}

const others = (from?: bigint): Sender[] => ['carol', 'dave', 'erin'].map((name) => new Sender(name, from))

describe('the same payload sent twice', () => {
  it.each([
    ['the second comes late', [0, 1]],
    ['the first comes late', [1, 0]],
  ])('is two messages without parity, though %s', (_, order) => {
    for (const size of [5, 1_000]) {
      const bench = new StageOnBench()
      const alice = new Sender('alice')
      const both = [alice.say(bytesOf(size), 0), alice.say(bytesOf(size), 0)]
      const [soon, overdue] = order.map((index) => both[index]!)
      bench.feed(...soon!)
      expect(messagesOf(bench.feed(...overdue!.map(late).toReversed()))).toEqual([bytesOf(size)])
      expect(bench.messages).toHaveLength(2)
      expect(bench.reasons).toEqual([])
    }
  })

  it('is two messages with parity, though all of the second comes late', () => {
    const bench = new StageOnBench()
    const alice = new Sender('alice')
    bench.feed(...alice.say(bytesOf(1_000)))
    bench.feed(...alice.say(bytesOf(1_000)).map(late))
    expect(bench.messages).toHaveLength(2)
  })

  it('has the late segments of the second, once others have begun it', () => {
    const bench = new StageOnBench()
    const alice = new Sender('alice')
    const [first, second] = [alice.say(bytesOf(1_000), 0.2), alice.say(bytesOf(1_000), 0.2)]
    bench.feed(...first)
    const [lost, ...others] = second
    // All that are needed, but one.
    bench.feed(...others.slice(0, 5))
    expect(bench.messages).toHaveLength(1)
    // It may stand before the end of the first, for all that is known of it.
    bench.feed({ ...late(lost!), lamport: undefined })
    expect(bench.messages).toHaveLength(2)
  })

  it.each([0.2, 0.5, 1])(
    'is two messages with parity %d, though all of the first comes late',
    (parityRate) => {
      for (const isRestarted of [false, true]) {
        const bench = new StageOnBench()
        const first = new Sender('alice').say(bytesOf(1_000), parityRate)
        const second = new Sender('alice', 9_000).say(bytesOf(1_000), parityRate)
        // Parity stands in for one.
        bench.feed(...second.slice(1))
        if (isRestarted) bench.restart()
        bench.feed(...first.map(late))
        expect(bench.messages).toHaveLength(2)
        bench.feed(late(second[0]!))
        expect(bench.messages).toHaveLength(2)
        expect(bench.stage.stats().sets).toBe(0)
      }
    },
  )

  it('is as many messages as were sent, in whatever order their segments come', () => {
    const bench = new StageOnBench()
    const senders = [1_000, 9_000, 20_000, 900_000].map((from) => new Sender('alice', from))
    const [first, second, third, fourth] = senders.map((sender) => sender.say(bytesOf(1_000), 0.5)) as [
      ReassemblyFrame[],
      ReassemblyFrame[],
      ReassemblyFrame[],
      ReassemblyFrame[],
    ]
    // Of the first two, what parity stood in for comes last, and of what nobody waited for some never.
    bench.feed(...third.slice(2), ...first.slice(3).map(late), ...fourth.slice(0, -1))
    bench.feed(...second.map(late), ...first.slice(0, 3).map(late), ...third.slice(0, 2).map(late))
    expect(bench.messages).toHaveLength(4)
    expect(bench.stage.stats().sets).toBe(0)
  })

  it('has what the first lacks, where it stands near to that, and not what the second lacks', () => {
    const bench = new StageOnBench()
    const [first, second] = [1_000, 9_000].map((from) => new Sender('alice', from).say(bytesOf(50)))
    bench.feed(first![0]!, second![1]!)
    expect(bench.messages).toHaveLength(2)
    bench.feed(late(first![1]!), late(second![0]!))
    expect(bench.reasons).toEqual(['completed', 'completed'])
    const third = new Sender('alice', 9_500).say(bytesOf(50))
    bench.feed(late(third[1]!))
    expect(bench.messages).toHaveLength(3)
  })

  it.each([false, true])(
    'is two messages though a segment of the first comes after all of the second (put aside: %s)',
    (isPutAside) => {
      const bench = new StageOnBench({ timeoutMs: 60_000 })
      const [first, second] = [1_000, 9_000].map((from) => new Sender('alice', from).say(bytesOf(1_000), 0))
      const lost = first!.splice(1, 1)
      bench.feed(...first!)
      if (isPutAside) bench.pass(60_000)
      // What fills the place that is lost makes the first whole, and the rest is of the other.
      bench.feed(...second!)
      const wanted = bench.outputs.find((output) => output.type === 'wanted')
      const history = [...first!, ...second!].map(({ messageId = '', payload: content }) => ({
        messageId,
        content,
      }))
      if (wanted !== undefined) bench.input({ ...wanted, type: 'readmit', segments: history })
      expect(bench.messages).toHaveLength(1)
      // Those whose places were taken are here no more, and asked for.
      const repeated = second!.filter(({ messageId }) => askedFor(bench).includes(messageId!))
      expect(repeated).toHaveLength(isPutAside ? 5 : 1)
      expect(bench.reasons.slice(isPutAside ? 1 : 0)).toEqual(repeated.map(() => 'duplicate'))
      bench.feed(...lost.map(late), ...repeated.map(late))
      expect(bench.messages).toHaveLength(2)
      expect(bench.stage.stats().sets).toBe(0)
    },
  )

  it('is not sent a third time by parity of the first that comes late', () => {
    const bench = new StageOnBench()
    const alice = new Sender('alice')
    const [[data, parity], second] = [alice.say(bytesOf(50)), alice.say(bytesOf(50))]
    bench.feed(data!, ...second)
    expect(messagesOf(bench.feed(late(parity!)))).toEqual([])
    expect(bench.messages).toHaveLength(2)
  })
})

// X1
describe('a message that was complete and is forgotten', () => {
  it.each([
    ['others', false, undefined],
    ['its own sender', true, undefined],
    ['others, whose stamps are beyond 2⁵³', false, 2n ** 60n],
  ])('is not delivered again by parity that comes after 1,000 messages of %s', (_, own, from) => {
    for (const isRestarted of [false, true]) {
      const bench = new StageOnBench()
      const alice = new Sender('alice', from)
      const [data, parity] = alice.say(bytesOf(50)) as [ReassemblyFrame, ReassemblyFrame]
      bench.feed(data, ...alice.say(bytesOf(60), 0))
      complete(bench, 1_100, ...(own ? [alice] : others(from)))
      expect(bench.stage.stats().completed).toBe(1_000)
      if (isRestarted) bench.restart()
      const before = bench.messages.length
      expect(messagesOf(bench.feed(parity, late(parity)))).toEqual([])
      expect(bench.reasons).toEqual(['completed', 'completed'])
      // What is said now is not taken for it, also where parity alone comes of it.
      expect(messagesOf(bench.feed(alice.say(bytesOf(70))[1]!))).toEqual([bytesOf(70)])
      expect(messagesOf(bench.feed(...alice.say(bytesOf(50))))).toEqual([bytesOf(50)])
      expect(bench.messages).toHaveLength(before + 2)
    }
  })

  it('is not delivered again by its data, which comes late after its parity has made it', () => {
    const bench = new StageOnBench()
    const alice = new Sender('alice')
    const [data, parity] = alice.say(bytesOf(50)) as [ReassemblyFrame, ReassemblyFrame]
    bench.feed(parity, ...alice.say(bytesOf(60), 0))
    complete(bench, 1_100, ...others())
    expect(messagesOf(bench.feed(late(data)))).toEqual([])
  })

  it('is not delivered again by as many parity segments as it has data, in whatever order', () => {
    const bench = new StageOnBench({ maxCompleted: 10 })
    const alice = new Sender('alice')
    const segments = alice.say(bytesOf(1_000))
    expect(segments).toHaveLength(12)
    bench.feed(...segments.slice(0, 6), ...alice.say(bytesOf(60), 0))
    complete(bench, 20, ...others())
    bench.feed(...segments.slice(6).toReversed())
    expect(bench.messages).toHaveLength(22)
    expect(bench.stage.stats()).toMatchObject({ sets: 0, rejected: { completed: 6 } })
  })

  it('is remembered as long as its sender says nothing else, which could not be told from it', () => {
    const bench = new StageOnBench()
    const alice = new Sender('alice')
    const [data, parity] = alice.say(bytesOf(50)) as [ReassemblyFrame, ReassemblyFrame]
    bench.feed(data)
    complete(bench, 5_000, ...others())
    expect(messagesOf(bench.feed(late(parity)))).toEqual([])
    expect(messagesOf(bench.feed(alice.say(bytesOf(60))[1]!))).toEqual([bytesOf(60)])
    expect(bench.stage.stats().completed).toBe(1_000)
  })

  it('needs no memory where it came whole, with an id: nothing more can come of it', () => {
    const bench = new StageOnBench()
    const alice = new Sender('alice')
    for (let i = 0; i < 10; i++) bench.feed(...alice.say(bytesOf(8, i), 0))
    expect(bench.messages).toHaveLength(10)
    expect(bench.stage.stats().completed).toBe(0)
    expect(bench.stored.size).toBe(0)
    // Without an id, what comes again is known by its payload.
    const [{ payload, senderId }] = alice.say(bytesOf(8, 99), 0) as [ReassemblyFrame]
    bench.feed({ payload, senderId }, { payload, senderId })
    expect(bench.messages).toHaveLength(11)
    expect(bench.stage.stats().completed).toBe(1)
  })

  it('is not delivered again where it was ephemeral, and puts no limit to what is not', () => {
    const bench = new StageOnBench({ maxCompleted: 10 })
    const alice = new Sender('alice')
    const behind = new Sender('alice', 10)
    const [data, parity] = alice.say(bytesOf(50), 1, true) as [ReassemblyFrame, ReassemblyFrame]
    bench.feed(data, ...alice.say(bytesOf(60), 0, true))
    complete(bench, 20, ...others())
    expect(messagesOf(bench.feed(late(parity)))).toEqual([])
    expect(messagesOf(bench.feed(behind.say(bytesOf(70))[1]!))).toEqual([bytesOf(70)])
  })

  it('of more senders than are remembered is not delivered again, and later ones are taken', () => {
    const bench = new StageOnBench({ maxCompleted: 10 })
    const senders = Array.from({ length: 1_200 }, (_, i) => new Sender(`sender ${i}`))
    const parity = senders.map((sender, i) => {
      const [data, trailing] = sender.say(bytesOf(50, i + 1)) as [ReassemblyFrame, ReassemblyFrame]
      bench.feed(data, ...sender.say(bytesOf(8, i + 1), 0))
      return trailing
    })
    for (const isRestarted of [false, true]) {
      if (isRestarted) bench.restart()
      const before = bench.messages.length
      bench.feed(...parity.slice(0, -10))
      expect(bench.messages).toHaveLength(before)
    }
    expect(bench.stored.size).toBeLessThanOrEqual(1_001 + 10)
    expect(messagesOf(bench.feed(new Sender('new', 90_000).say(bytesOf(70))[1]!))).toEqual([bytesOf(70)])
  })

  it('refuses no data that is in time, and nothing that cannot be what it lacks', () => {
    const bench = new StageOnBench({ maxCompleted: 10 })
    const alice = new Sender('alice', 500)
    const early = new Sender('alice', 10)
    bench.feed(alice.say(bytesOf(50))[0]!, ...alice.say(bytesOf(60), 0))
    complete(bench, 20, ...others())
    // As of a second device with the same name.
    expect(messagesOf(bench.feed(...early.say(bytesOf(70))))).toEqual([bytesOf(70)])
    expect(messagesOf(bench.feed(...early.say(bytesOf(400), 0.5).slice(1)))).toEqual([bytesOf(400)])
  })

  it('may come again where frames do not tell where they stand', () => {
    const bench = new StageOnBench({ maxCompleted: 10 })
    const [data, parity] = split(bytesOf(50), { parityRate: 1 })
    bench.feed(data!)
    for (let i = 0; i < 20; i++) bench.feed(...split(bytesOf(8, 1_000 + i)))
    expect(messagesOf(bench.feed(parity!))).toEqual([bytesOf(50)])
  })
})

describe('what comes after completion', () => {
  const payload = bytesOf(1_000)

  it('delivers nothing again: repetitions, trailing parity, late data', () => {
    // SEG-41
    const segments = split(payload, { parityRate: 0.5 })
    const bench = new StageOnBench()
    bench.feed(...segments.slice(2), ...segments, ...segments)
    expect(bench.messages).toEqual([payload])
    expect(bench.stage.stats()).toMatchObject({ sets: 0, completed: 1 })
    expect(new Set(bench.reasons)).toEqual(new Set(['completed']))
  })

  it('is a message of its own when the sender says the same thing again, known by its ids', () => {
    const segments = split(payload, { parityRate: 0.5 })
    const frames = (run: string, which: readonly number[]): { payload: Uint8Array; messageId: string }[] =>
      which.map((index) => ({ payload: segments[index]!, messageId: `${run}${index}` }))
    const bench = new StageOnBench()
    // Both times all of it, with parity trailing.
    bench.feed(...frames('a', [0, 1, 2, 3, 4, 5, 6, 7, 8]))
    expect(bench.messages).toHaveLength(1)
    bench.feed(...frames('b', [0, 1, 2, 3, 4, 5, 6, 7, 8]))
    expect(bench.messages).toHaveLength(2)
    // Once with a loss that never comes, once again in full.
    bench.feed(...frames('c', [1, 2, 3, 4, 5, 6, 7, 8]), ...frames('d', [0, 1, 2, 3, 4, 5, 6, 7, 8]))
    expect(bench.messages).toHaveLength(4)
    expect(bench.stage.stats().sets).toBe(0)
  })

  it('never begins anew with a segment that SDS flags as late', () => {
    const [data, parity] = split(Uint8Array.of(1), { parityRate: 1 })
    const bench = new StageOnBench()
    bench.feed({ payload: data!, messageId: 'a0' }, { payload: data!, messageId: 'b0' })
    bench.feed({ payload: parity!, messageId: 'b1' }, { payload: parity!, messageId: 'a1', late: true })
    expect(bench.messages).toHaveLength(2)
  })

  it('is remembered for as many messages as asked, and one sender cannot push out all others', () => {
    const bench = new StageOnBench({ maxCompleted: 10 })
    const from = (senderId: string, seed: number): { payload: Uint8Array; senderId: string } => ({
      payload: split(bytesOf(5, seed))[0]!,
      senderId,
    })
    bench.feed(from('alice', 1))
    for (let seed = 2; seed < 50; seed++) bench.feed(from('mallory', seed))
    bench.feed(from('alice', 1))
    expect(bench.reasons).toEqual(['completed'])
    expect(bench.stage.stats().completed).toBeLessThanOrEqual(10)
    expect(bench.stored.size).toBe(bench.stage.stats().completed)
  })
})
