import { describe, expect, it } from 'vitest'
import { BenchWithHistory, framesOf, typesOf } from '../../../test/bench-with-history.ts'
import { StageOnBench, bytesOf, split } from '../../../test/stage-on-bench.ts'

const payload = bytesOf(192 * 10)
const MINUTE_MS = 60_000

// F1
describe('a set whose segments have message ids', () => {
  it('survives pauses of any length', () => {
    for (const pauseMs of [90_000, 6 * MINUTE_MS, 24 * 60 * MINUTE_MS]) {
      const bench = new BenchWithHistory()
      const frames = framesOf(payload, 'm')
      bench.receive(...frames.slice(0, 4))
      bench.pass(pauseMs)
      bench.receive(...frames.slice(4, 7))
      bench.pass(pauseMs)
      bench.receive(...frames.slice(7))
      expect(bench.messages, `${pauseMs} ms`).toEqual([payload])
      expect(bench.stage.stats()).toMatchObject({ sets: 0, shelved: 0, bufferedBytes: 0 })
    }
  })

  it('is told once as lost, however often it is lost, until it has come', () => {
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    const loses = (name: string): void => {
      bench.receive(...framesOf(payload, name).slice(0, 4))
      bench.pass(MINUTE_MS)
      bench.history.clear()
      bench.receive(...framesOf(payload, name).slice(4))
    }
    const lost = (): number => bench.outputs.filter(({ type }) => type === 'lost').length
    for (const name of ['a', 'b', 'c']) {
      loses(name)
      // What it has forgotten does not come.
      bench.pass(MINUTE_MS)
    }
    expect(lost()).toBe(1)
    bench.receive(...framesOf(payload, 'd'))
    expect(bench.messages).toHaveLength(1)
    loses('e')
    bench.pass(MINUTE_MS)
    expect(lost()).toBe(2)
  })

  it('is put aside when it expires, and asks for its contents when it is complete', () => {
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    const frames = framesOf(payload, 'm')
    bench.receive(...frames.slice(0, 4))
    expect(typesOf(bench.pass(MINUTE_MS))).toEqual(['shelved: expired'])
    expect(bench.stage.stats()).toMatchObject({ sets: 0, shelved: 1, bufferedBytes: 0 })
    expect(bench.stage.deadline()).toBeUndefined()
    expect(typesOf(bench.receive(...frames.slice(4)))).toEqual([
      ...Array.from({ length: 6 }, () => 'progress'),
      'wanted',
      'message',
    ])
    expect(bench.outputs.findLast((output) => output.type === 'wanted')).toMatchObject({
      messageIds: frames.map(({ messageId }) => messageId),
    })
    expect(bench.outputs.at(-1)).toMatchObject({
      frame: frames[9],
      message: { heldCount: 10, dataCount: 10 },
    })
  })

  it('comes whole though it is too large to be held', () => {
    // F10
    const bench = new BenchWithHistory({ maxBufferedBytesPerSender: 192 * 6 })
    const outputs = bench.receive(...framesOf(payload, 'm'))
    expect(typesOf(outputs).filter((type) => type !== 'progress')).toEqual([
      'shelved: evicted',
      'wanted',
      'message',
    ])
    expect(bench.messages).toEqual([payload])
  })

  it('needs as many segments as there are data segments, of whatever kind', () => {
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    const frames = framesOf(payload, 'm', { parityRate: 0.5 })
    bench.receive(...frames.slice(2, 6))
    bench.pass(MINUTE_MS)
    bench.receive(...frames.slice(8, 14))
    expect(bench.messages).toEqual([payload])
    expect(bench.outputs.at(-1)).toMatchObject({ message: { recovered: true } })
  })

  it('goes on after a restart, and asks again for what was not given back', () => {
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    const frames = framesOf(payload, 'm\ud800')
    bench.receive(...frames.slice(0, 4))
    bench.restart()
    bench.pass(MINUTE_MS)
    expect([...bench.stored.keys()].every((key) => key.startsWith('i'))).toBe(true)
    bench.restart()
    expect(bench.stage.stats()).toMatchObject({ sets: 0, shelved: 1 })
    bench.receive(...frames.slice(4, 9))
    bench.history.set(frames[9]!.messageId, frames[9]!.payload)
    expect(typesOf(bench.feed(frames[9]!))).toEqual(['progress', 'wanted'])
    bench.restart()
    expect(typesOf(bench.answered(bench.input({ type: 'start' })))).toEqual(['wanted', 'message'])
    expect(bench.messages).toEqual([payload])
    expect(bench.outputs.at(-1)).toMatchObject({
      frame: { senderId: 'alice', messageId: frames[9]!.messageId },
    })
    expect([...bench.stored.keys()]).toEqual([expect.stringMatching(/^c/)])
  })

  it('does not expire while segments of it are parked, missing or asked for', () => {
    let isAwaited = true
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS, isAwaited: () => isAwaited })
    const frames = framesOf(payload, 'm')
    bench.receive(...frames.slice(0, 4))
    expect(bench.pass(60 * MINUTE_MS)).toEqual([])
    isAwaited = false
    const { messageId, senderId, payload: content } = frames[7]!
    const parked = {
      messageId,
      senderId,
      content,
      missing: ['m-6'],
      sameSenderHistory: [{ messageId: 'm-6' }],
    }
    bench.input({ type: 'offer', parked: [parked] })
    expect(bench.pass(60 * MINUTE_MS)).toEqual([])
    bench.receive(frames[7]!)
    expect(typesOf(bench.pass(60 * MINUTE_MS))).toEqual(['shelved: expired'])
  })

  it('makes room where the shelf is full, the oldest of the busiest sender first', () => {
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS, maxShelvedSegments: 10 })
    bench.receive({ ...framesOf(bytesOf(400, 9), 'b')[0]!, senderId: 'bob' })
    for (const name of ['x', 'y', 'z'])
      bench.receive(...framesOf(bytesOf(192 * 10, name.charCodeAt(0)), name).slice(0, 4))
    expect(typesOf(bench.pass(MINUTE_MS)).filter((type) => type.startsWith('lost'))).toEqual([
      'lost: no-room',
    ])
    expect(bench.stage.stats().shelved).toBe(3)
    expect(bench.stored.size).toBe(9)
  })
})

describe('a set whose segments have no message ids', () => {
  it('is dropped as there is no history to take them back from', () => {
    const bench = new StageOnBench({ timeoutMs: MINUTE_MS })
    bench.feed(...split(payload).slice(0, 4))
    expect(typesOf(bench.pass(MINUTE_MS))).toEqual(['dropped: expired'])
    const none = new BenchWithHistory({ timeoutMs: MINUTE_MS, maxShelvedSegments: 0 })
    none.receive(...framesOf(payload, 'm').slice(0, 4))
    expect(typesOf(none.pass(MINUTE_MS))).toEqual(['disowned', 'dropped: expired'])
  })
})

// F10
describe('two transfers of 20 MB at once', () => {
  const options = { segmentSizeBytes: 102_400 }
  const [first, second] = [20, 21].map((seed) => bytesOf(20_000_000, seed)) as [Uint8Array, Uint8Array]

  it('both arrive with default limits, with pauses in between, however they mix', () => {
    for (const pauseMs of [0, 90_000, 6 * MINUTE_MS]) {
      const bench = new BenchWithHistory()
      const a = framesOf(first, 'a', options)
      const b = framesOf(second, 'b', options)
      const mixed = a.flatMap((frame, i) => [frame, b[i]!])
      const third = Math.ceil(mixed.length / 3)
      let most = 0
      for (let at = 0; at < mixed.length; at += third) {
        for (const frame of mixed.slice(at, at + third)) {
          bench.receive(frame)
          most = Math.max(most, bench.stage.stats().bufferedBytes)
        }
        bench.pass(pauseMs)
      }
      expect(
        bench.messages
          .map((message) => [first, second].findIndex((one) => Buffer.compare(message, one) === 0))
          .toSorted((a, b) => a - b),
      ).toEqual([0, 1])
      expect(most).toBeLessThanOrEqual(29_360_128)
      expect(typesOf(bench.outputs).filter((type) => /^(lost|dropped|rejected)/.test(type))).toEqual([])
      expect(bench.stage.stats()).toMatchObject({ sets: 0, shelved: 0 })
    }
  })

  // F10
  it('arrive though not even one segment may be held, from the history', () => {
    for (const bytes of [5_000, 50_000]) {
      const bench = new BenchWithHistory({ maxBufferedBytesPerSender: 1_000 })
      const large = bytesOf(bytes, 3)
      bench.receive(...framesOf(large, 'a', { segmentSizeBytes: 8_192 }))
      expect(bench.messages.map((message) => Buffer.compare(message, large))).toEqual([0])
      expect(bench.stage.stats()).toMatchObject({ sets: 0, shelved: 0 })
    }
  })

  it('are rejected where none may be held, nor put aside', () => {
    const bench = new BenchWithHistory({ maxBufferedBytesPerSender: 1_000, maxShelvedSegments: 0 })
    const outputs = bench.receive(...framesOf(bytesOf(5_000, 3), 'a', { segmentSizeBytes: 8_192 }))
    expect(typesOf(outputs)).toEqual(['rejected: cache-full'])
  })

  it('are refused before they are acknowledged where no limit would ever let one be held', () => {
    const { stage } = new StageOnBench({ maxBufferedBytesPerSender: 10_000_000 })
    const [frame] = framesOf(first, 'a', options)
    expect(stage.refusal(frame!)).toBe('cache-full')
    expect(stage.refusal({ ...frame!, senderId: undefined })).toBeUndefined()
    expect(stage.refusal({ payload: Uint8Array.of(255) })).toBe('undecodable')
    expect(stage.refusal({ payload: split(payload)[0]! })).toBeUndefined()
    expect(new StageOnBench({ maxSegmentBytes: 100 }).stage.refusal({ payload: split(payload)[0]! })).toBe(
      'oversized',
    )
    expect(new StageOnBench({ dialect: 'raw' }).stage.refusal({ payload })).toBeUndefined()
  })
})
