import { describe, expect, it } from 'vitest'
import { type ProvidedQuota } from './index.ts'
import { setUp, send, settled } from '../test/limiter.ts'

describe('a quota provider', () => {
  it('tightens the cap, never widens it', () => {
    // RTL-17
    let limit = 5
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 3, quota: () => ({ epoch: 0, limit }) })
    const a = open('a')
    send(a, '1', '2', '3', '4')
    expect(out).toHaveLength(3)
    limit = 1
    advanceTo(1000)
    expect(out).toHaveLength(3)
  })

  it('that shrinks the limit in mid-epoch is honoured at once', () => {
    let provided = { epoch: 0, limit: 3 }
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 9, quota: () => provided })
    const a = open('a')
    send(a, '1', '2')
    provided = { epoch: 0, limit: 2 }
    send(a, '3')
    expect(out).toHaveLength(2)
    provided = { epoch: 0, limit: 3 }
    // Whatever comes next has the quota looked at.
    send(a, '4')
    expect(out).toHaveLength(3)
    provided = { epoch: 1, limit: 3 }
    advanceTo(1000)
    expect(out).toHaveLength(4)
  })

  it('is asked again when it alone holds things up, and gives no estimate while it allows nothing', () => {
    let provided = { epoch: 7, limit: 0 }
    const { open, out, advanceTo, limiter } = setUp({ quota: () => provided })
    send(open('a'), '1')
    expect(limiter.estimate('a')).toBeUndefined()
    advanceTo(120)
    expect(out).toEqual([])
    provided = { epoch: 7, limit: 1 }
    advanceTo(200)
    expect(out).toEqual(['150 a 1'])
  })

  it('that says how much remains decides, whoever used the rest', () => {
    let provided = { epoch: 0, limit: 10, remaining: 3 }
    const { open, out, limiter, advanceTo } = setUp({ messagesPerEpoch: 10, quota: () => provided })
    const lefts: number[] = []
    limiter.quota$.subscribe(({ used, left }) => lefts.push(used, left))
    const a = open('a')
    send(a, '1', '2', '3', '4')
    expect(out).toHaveLength(3)
    expect(lefts).toEqual([7, 3, 8, 2, 9, 1, 10, 0, 10, 0].slice(0, lefts.length))
    provided = { epoch: 0, limit: 10, remaining: 1 }
    advanceTo(60)
    expect(out).toHaveLength(4)
    provided = { epoch: 1, limit: 10, remaining: 2 }
    send(a, '5', '6', '7')
    expect(out).toHaveLength(6)
    provided = { epoch: 1, limit: 10, remaining: NaN }
    advanceTo(1000)
    expect(out).toHaveLength(7)
  })

  it('that answers later holds all up until it has answered, and is asked once a second', async () => {
    let asked = 0
    const answers: ((quota: ProvidedQuota) => void)[] = []
    const quota = (): Promise<ProvidedQuota> => {
      asked++
      return new Promise((resolve) => answers.push(resolve))
    }
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 9, quota, epochMs: 10_000 })
    const a = open('a')
    send(a, '1', '2', '3')
    expect([asked, out]).toEqual([1, []])
    answers[0]!({ epoch: 0, limit: 9, remaining: 2 })
    await settled()
    expect(out).toEqual(['0 a 1', '0 a 2'])
    advanceTo(900)
    expect(asked).toBe(1)
    advanceTo(1_600)
    expect(asked).toBe(2)
    answers[1]!({ epoch: 0, limit: 9, remaining: 1 })
    await settled()
    expect(out).toHaveLength(3)
  })

  it('that never answers, or fails, leaves it to the wall clock after ten seconds', async () => {
    for (const quota of [
      () => new Promise<undefined>(() => {}),
      () => Promise.reject(new Error('no membership')),
    ]) {
      const { open, out, advanceTo } = setUp({ messagesPerEpoch: 1, quota, epochMs: 60_000 })
      send(open('a'), '1', '2')
      await settled()
      advanceTo(10_100)
      await settled()
      advanceTo(12_000)
      expect(out).toHaveLength(1)
    }
  })

  it('that throws, is absent or talks nonsense leaves it to the wall clock, with the last limit of the epoch', () => {
    let answer: () => { epoch: number; limit: number } | undefined = () => ({ epoch: 3, limit: 1 })
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 2, quota: () => answer() })
    const a = open('a')
    send(a, '1', '2', '3', '4', '5', '6', '7')
    expect(out).toHaveLength(1)
    answer = () => {
      throw new Error('not yet')
    }
    advanceTo(999)
    expect(out).toHaveLength(1)
    advanceTo(1000)
    expect(out).toHaveLength(3)
    answer = () => undefined
    advanceTo(2000)
    expect(out).toHaveLength(5)
    answer = () => ({ epoch: -1, limit: NaN })
    advanceTo(3000)
    expect(out).toHaveLength(7)
  })
})
