import { describe, expect, it } from 'vitest'
import { BenchWithHistory, framesOf, typesOf } from '../../../test/bench-with-history.ts'
import { bytesOf, corrupted } from '../../../test/stage-on-bench.ts'

const payload = bytesOf(192 * 10)
const MINUTE_MS = 60_000

describe('a set that the history has forgotten some of, or has wrong', () => {
  it('asks for what the history has forgotten, and is lost where nobody has it', () => {
    // F10
    for (const isFound of [true, false]) {
      const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
      const frames = framesOf(payload, 'm')
      bench.receive(...frames.slice(0, 4))
      bench.pass(MINUTE_MS)
      bench.history.delete('m-2')
      expect(bench.receive(...frames.slice(4)).at(-1)).toMatchObject({
        type: 'lacking',
        senderId: 'alice',
        messageIds: ['m-2'],
      })
      expect(bench.stage.stats()).toMatchObject({ sets: 1, shelved: 0 })
      bench.restart()
      if (isFound) {
        bench.receive(frames[2]!)
        expect(bench.messages).toEqual([payload])
        continue
      }
      expect(typesOf(bench.pass(MINUTE_MS))).toEqual(['disowned', 'lost: forgotten'])
      expect(bench.stage.stats()).toMatchObject({ sets: 0, shelved: 0 })
    }
  })

  it.each([
    ['', false],
    [', after a restart too', true],
  ])('is late where it is asked for again: what comes after it did not wait for it%s', (_, restarts) => {
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    const frames = framesOf(payload, 'm')
    bench.receive(...frames.slice(0, 4))
    bench.pass(MINUTE_MS)
    bench.history.delete('m-2')
    bench.receive(...frames.slice(4))
    if (restarts) bench.restart()
    bench.receive(frames[2]!)
    const [message] = bench.outputs.filter(({ type }) => type === 'message')
    expect(message).toMatchObject({ frame: { messageId: 'm-2', late: true } })
  })

  it('is not late where the history has all of it', () => {
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    const frames = framesOf(payload, 'm')
    bench.receive(...frames.slice(0, 4))
    bench.pass(MINUTE_MS)
    bench.receive(...frames.slice(4))
    const [message] = bench.outputs.filter(({ type }) => type === 'message')
    expect(message).toMatchObject({ frame: frames.at(-1)! })
    expect(message).not.toMatchObject({ frame: { late: true } })
  })

  it('is given up, and what was acknowledged of it, when what was forgotten does not come', () => {
    // F10
    const bench = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    const frames = framesOf(payload, 'm')
    bench.receive(...frames.slice(0, 4))
    bench.pass(MINUTE_MS)
    bench.history.delete('m-2')
    bench.receive(...frames.slice(4))
    expect(typesOf(bench.pass(MINUTE_MS))).toEqual(['disowned', 'lost: forgotten'])
    expect(bench.outputs.at(-2)).toMatchObject({
      messageIds: frames.filter((_, place) => place !== 2).map(({ messageId }) => messageId),
    })
    expect(bench.outputs.at(-1)).toMatchObject({ senderId: 'alice', held: 9, needed: 10 })
    expect(bench.stored.size).toBe(0)
  })

  it('is lost, and said so, when its segments are wrong', () => {
    const frames = framesOf(payload, 'm')
    const wrong = new BenchWithHistory({ timeoutMs: MINUTE_MS })
    wrong.receive(...frames.slice(0, 4))
    wrong.pass(MINUTE_MS)
    wrong.history.set('m-2', corrupted(frames[2]!.payload))
    expect(typesOf(wrong.receive(...frames.slice(4))).at(-1)).toBe('lost: hash-mismatch')
    wrong.input({ type: 'readmit', senderId: 'alice', payloadHash: '00', segments: [] })
    expect(wrong.stage.stats().shelved).toBe(0)
  })
})
