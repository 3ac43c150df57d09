import { describe, expect, it } from 'vitest'
import { DividedRequests } from './divided.ts'
import type { Request } from './request.ts'

/** So long nobody is waited for, ms. */
const WAIT_MS = 900_000

const divided = (more: Partial<Request> = {}): Request =>
  ({ requestId: 'r', dataCount: 3, acknowledged: 3, delivery: 'open', ...more }) as Request

describe('requests of which each part is acknowledged, and all of it by nobody,', () => {
  it('are waited for a quarter of an hour from when something was heard of them last, the oldest first', () => {
    const [one, other] = [divided(), divided()]
    const requests = new DividedRequests()
    expect([requests.deadline(), requests.due(1e12)]).toEqual([undefined, []])
    requests.note(one, 1_000)
    requests.note(other, 2_000)
    expect(requests.deadline()).toBe(1_000 + WAIT_MS)
    requests.note(one, 3_000)
    expect(requests.deadline()).toBe(2_000 + WAIT_MS)
    expect(requests.due(2_000 + WAIT_MS - 1)).toEqual([])
    expect(requests.due(2_000 + WAIT_MS)).toEqual([other])
    expect(requests.due(2_000 + WAIT_MS)).toEqual([])
    expect(requests.due(3_000 + WAIT_MS)).toEqual([one])
    expect(requests.deadline()).toBeUndefined()
  })

  it.each([
    ['has one part', { dataCount: 1, acknowledged: 1 }],
    ['lacks a part', { acknowledged: 2 }],
    ['is delivered', { delivery: 'delivered' as Request['delivery'] }],
  ])('are not those of which one %s', (_, more) => {
    const requests = new DividedRequests()
    requests.note(divided(more), 0)
    requests.note(undefined, 0)
    expect(requests.deadline()).toBeUndefined()
  })

  it('are not waited for any more once they are delivered, or a part of them is taken back', () => {
    for (const more of [{ delivery: 'delivered' as Request['delivery'] }, { acknowledged: 2 }]) {
      const request = divided()
      const requests = new DividedRequests()
      requests.note(request, 0)
      Object.assign(request, more)
      requests.note(request, 1)
      expect(requests.deadline()).toBeUndefined()
    }
  })

  it('are waited for once more by who was asleep meanwhile', () => {
    const request = divided()
    const requests = new DividedRequests()
    requests.note(request, 0)
    const awokeAt = WAIT_MS + 60_000
    expect(requests.due(awokeAt)).toEqual([])
    expect(requests.deadline()).toBe(awokeAt + WAIT_MS)
    expect(requests.due(awokeAt + WAIT_MS + 59_999)).toEqual([request])
  })
})
