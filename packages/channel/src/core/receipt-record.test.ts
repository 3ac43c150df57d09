import { WireWriter } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import { decodeReceipts, encodeReceipts } from './receipt-record.ts'

const receipt = {
  requestId: 'r',
  messageId: 'm',
  segmentIds: ['a', 'b'],
  dataCount: 2,
  sentAt: 1_000,
  members: ['bob', 'carol'],
}

describe('a record of receipts', () => {
  it.each([receipt, { ...receipt, segmentIds: ['m'], dataCount: 1, members: [] }])(
    'is read as it was written',
    (one) => {
      expect(decodeReceipts('r', encodeReceipts(one))).toEqual(one)
    },
  )

  it('may have fields of a later version', () => {
    const later = new WireWriter().text(9, 'later').varint(10, 5).finish()
    for (const record of [
      [...later, ...encodeReceipts(receipt)],
      [...encodeReceipts(receipt), ...later],
    ])
      expect(decodeReceipts('r', Uint8Array.from(record))).toEqual(receipt)
  })

  it.each([
    ['names no message', { messageId: '' }],
    ['has no part', { dataCount: 0 }],
    ['has more parts than it names', { dataCount: 3 }],
  ])('is none where it %s', (_, more) => {
    expect(decodeReceipts('r', encodeReceipts({ ...receipt, ...more }))).toBeUndefined()
    expect(decodeReceipts('r', encodeReceipts(receipt).subarray(0, 5))).toBeUndefined()
  })
})
