import { describe, expect, it } from 'vitest'
import { DeliveredRequests } from './delivered-requests.ts'

/** A message of two segments, any two of three of which make it whole; who has which is told by a test. */
function delivered(deliveredTo: readonly string[], messageIds = ['a', 'b'], dataCount = 2) {
  const holders = new Map<string, readonly string[]>(messageIds.map((id) => [id, deliveredTo]))
  const requests = new DeliveredRequests((messageId) => holders.get(messageId) ?? [])
  requests.keep({ requestId: 'r', messageIds, dataCount, deliveredTo })
  return { requests, holders }
}

describe('a message that was delivered', () => {
  // F10
  it('loses the receipt of whoever has lost it, once, and is delivered again when somebody has it', () => {
    const { requests, holders } = delivered(['bob'])
    holders.set('a', [])
    expect(requests.withdrawn('a', 'bob')).toEqual({
      type: 'receipt-withdrawn',
      requestId: 'r',
      by: 'bob',
      deliveredTo: [],
    })
    holders.set('b', [])
    expect(requests.withdrawn('b', 'bob')).toBeUndefined()
    holders.set('a', ['bob'])
    expect(requests.acknowledged('a')).toBeUndefined()
    holders.set('b', ['bob', 'carol'])
    expect(requests.acknowledged('b')).toEqual({
      type: 'delivered',
      requestId: 'r',
      deliveredTo: ['bob'],
      again: true,
    })
    expect(requests.acknowledged('b')).toBeUndefined()
  })

  it('names those who have it still, also those of whom nothing was told before', () => {
    const { requests, holders } = delivered(['bob'])
    holders.set('a', ['carol'])
    holders.set('b', ['bob', 'carol'])
    expect(requests.withdrawn('a', 'bob')).toMatchObject({ by: 'bob', deliveredTo: ['carol'] })
    holders.set('b', ['bob'])
    expect(requests.withdrawn('b', 'carol')).toMatchObject({ by: 'carol', deliveredTo: [] })
  })

  it('keeps the receipt of whoever was not named, or has enough by parity', () => {
    const { requests, holders } = delivered(['bob'], ['a', 'b', 'p'])
    holders.set('a', [])
    expect(requests.withdrawn('a', 'bob')).toBeUndefined()
    expect(requests.withdrawn('b', 'carol')).toBeUndefined()
    expect(requests.withdrawn('x', 'bob')).toBeUndefined()
  })

  it('is forgotten when many segments were delivered since', () => {
    const { requests, holders } = delivered(['bob'])
    for (let i = 0; i < 1_023; i++) {
      const request = { requestId: `${i}`, messageIds: [`m${i}`], dataCount: 1, deliveredTo: ['bob'] }
      requests.keep(request)
    }
    holders.set('a', [])
    expect(requests.withdrawn('a', 'bob')).toBeUndefined()
    expect(requests.withdrawn('m0', 'bob')).toMatchObject({ requestId: '0' })
  })
})
