import type { Change } from '@reliable-channels/store'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Receipt, decodeReceipts, encodeReceipts } from './receipt-record.ts'
import { Receipts } from './receipts.ts'

const fails = (key: string): never => expect.fail(`${key} is corrupt`)
const receiptOf = (requestId: string, segments: number, sentAt = 0, dataCount = segments) => ({
  requestId,
  messageId: segments === 1 ? `${requestId}:0` : requestId,
  segmentIds: Array.from({ length: segments }, (_, i) => `${requestId}:${i}`),
  dataCount,
  sentAt,
})

/** A store that changes are written to. */
function disk() {
  const entries = new Map<string, Uint8Array>()
  return {
    entries,
    write: (changes: readonly Change[]) => {
      for (const { key, value } of changes)
        if (value === undefined) entries.delete(key)
        else entries.set(key, value)
    },
    restore: () => [...entries].map(([key, value]) => ({ key, value })),
  }
}

describe('receipts of own messages', () => {
  it('name a member when he has as many segments as there is data, parity counted', () => {
    const receipts = new Receipts(false, [], fails)
    receipts.opened(receiptOf('a', 3, 0, 2))
    expect(receipts.acknowledged('a:0', 'bob').changed).toBeUndefined()
    expect(receipts.acknowledged('a:1', 'carol').changed).toBeUndefined()
    expect(receipts.acknowledged('a:2', 'bob').changed?.members).toEqual(['bob'])
    expect(receipts.acknowledged('a:1', 'bob').changed).toBeUndefined()
    expect(receipts.acknowledged('a:2', 'carol').changed?.members).toEqual(['bob', 'carol'])
    expect(receipts.acknowledged('b:0', 'carol').changed).toBeUndefined()
  })

  it('are found by the request, and by the message, of one segment or several', () => {
    const receipts = new Receipts(false, [], fails)
    for (const count of [1, 3])
      receipts.opened({ ...receiptOf(`r${count}`, count), messageId: count === 1 ? 'r1:0' : 'm3' })
    receipts.acknowledged('r1:0', 'bob')
    for (let i = 0; i < 3; i++) receipts.acknowledged(`r3:${i}`, 'carol')
    expect(['r1', 'r1:0', 'r3', 'm3', 'x'].map((id) => receipts.of(id))).toEqual([
      ['bob'],
      ['bob'],
      ['carol'],
      ['carol'],
      [],
    ])
  })

  it('shrink when a member has lost what he had, and grow again', () => {
    const { entries, write, restore } = disk()
    const receipts = new Receipts(true, [], fails)
    write(receipts.opened(receiptOf('a', 3, 0, 2)).changes)
    for (const id of ['a:0', 'a:1', 'a:2']) write(receipts.acknowledged(id, 'bob').changes)
    expect(receipts.withdrawn('a:0', 'bob').changed).toBeUndefined()
    write(receipts.withdrawn('a:1', 'bob').changes)
    expect([receipts.of('a'), decodeReceipts('a', entries.get('a')!)?.members]).toEqual([[], []])
    write(receipts.acknowledged('a:1', 'bob').changes)
    const again = new Receipts(true, restore(), fails)
    expect(again.of('a')).toEqual(['bob'])
    expect(again.withdrawn('a:2', 'bob').changed?.members).toEqual([])
    expect(receipts.withdrawn('b:0', 'bob')).toEqual({ changes: [], forgotten: [] })
  })

  // F10
  it('tell who has lost it, and that somebody has it again once all had lost it', () => {
    const receipts = new Receipts(false, [], fails)
    receipts.opened(receiptOf('a', 1))
    receipts.acknowledged('a:0', 'bob')
    receipts.acknowledged('a:0', 'carol')
    expect(receipts.withdrawn('a:0', 'bob')).toMatchObject({ lost: 'bob', changed: { members: ['carol'] } })
    expect(receipts.withdrawn('a:0', 'bob').lost).toBeUndefined()
    expect(receipts.acknowledged('a:0', 'dave')).toMatchObject({ added: 'dave', again: false })
    for (const name of ['carol', 'dave']) receipts.withdrawn('a:0', name)
    expect(receipts.acknowledged('a:0', 'bob')).toMatchObject({ added: 'bob', again: true })
    expect(receipts.acknowledged('a:0', 'carol')).toMatchObject({ added: 'carol', again: false })
  })

  it('of parts are known after a restart, where the request is open', () => {
    const receipts = new Receipts(false, [], fails)
    const { segmentIds: messageIds, ...request } = receiptOf('a', 3, 0, 2)
    const acknowledgedBy = new Map([
      ['bob', 1],
      ['carol', 3],
    ])
    receipts.reopened({ ...request, messageIds, acknowledgedBy })
    expect([receipts.of('a'), receipts.followed(() => false)]).toEqual([['carol'], []])
    expect(receipts.acknowledged('a:1', 'bob').added).toBe('bob')
    expect(receipts.withdrawn('a:0', 'carol').lost).toBeUndefined()
    expect(receipts.withdrawn('a:1', 'carol').lost).toBe('carol')
  })

  it('of those who have all are known after a restart, but for segments that nobody has', () => {
    const { write, restore } = disk()
    const before = new Receipts(true, [], fails)
    write(before.opened(receiptOf('a', 4, 0, 2)).changes)
    for (const id of ['a:0', 'a:1']) write(before.acknowledged(id, 'bob').changes)
    const receipts = new Receipts(true, restore(), fails)
    const followed = receipts.followed((id) => id === 'a:3')
    expect(followed).toEqual(
      ['a:0', 'a:1', 'a:2'].map((messageId) => ({ messageId, acknowledgedBy: ['bob'] })),
    )
    expect(receipts.withdrawn('a:0', 'bob').lost).toBeUndefined()
    expect(receipts.withdrawn('a:1', 'bob').lost).toBe('bob')
  })

  it('are of the latest thousand messages, in memory and in the store', () => {
    const { entries, write, restore } = disk()
    const receipts = new Receipts(true, [], fails)
    for (let i = 0; i <= 1_000; i++) write(receipts.opened(receiptOf(`r${i}`, 1, i)).changes)
    expect(entries.size).toBe(1_000)
    write(receipts.acknowledged('r0:0', 'bob').changes)
    write(receipts.acknowledged('r7:0', 'bob').changes)
    const again = new Receipts(true, restore().toReversed(), fails)
    expect([again.of('r0'), again.of('r7')]).toEqual([[], ['bob']])
    expect(again.followed((id) => id === 'r900:0').slice(-102)).toEqual(
      Array.from({ length: 103 }, (_, i) => 898 + i)
        .filter((i) => i !== 900)
        .map((i) => ({ messageId: `r${i}:0`, acknowledgedBy: [] })),
    )
    expect(new Receipts(true, restore(), fails).followed(() => false)).toHaveLength(512)
    expect(again.opened(receiptOf('new', 1, 2_000)).forgotten).toEqual(['r1'])
  })

  it('are of ten thousand segments, and of the latest message however large', () => {
    const receipts = new Receipts(false, [], fails)
    for (let i = 0; i < 3; i++) receipts.opened(receiptOf(`r${i}`, 4_000))
    expect(receipts.acknowledged('r0:0', 'bob')).toEqual({ changes: [], forgotten: [] })
    expect(receipts.opened(receiptOf('huge', 20_000)).forgotten).toEqual(['r1', 'r2'])
    expect(receipts.of('huge')).toEqual([])
  })

  it('are forgotten with a message that is taken back', () => {
    const { entries, write } = disk()
    const receipts = new Receipts(true, [], fails)
    write(receipts.opened(receiptOf('a', 1)).changes)
    write(receipts.cancelled('a').changes)
    expect([entries.size, receipts.acknowledged('a:0', 'bob').changed]).toEqual([0, undefined])
  })

  it('name at most 64 members in the store', () => {
    const { entries, write } = disk()
    const receipts = new Receipts(true, [], fails)
    write(receipts.opened(receiptOf('a', 1)).changes)
    for (let i = 0; i < 70; i++) write(receipts.acknowledged('a:0', `m${i}`).changes)
    expect(receipts.of('a')).toHaveLength(70)
    expect(decodeReceipts('a', entries.get('a')!)?.members).toHaveLength(64)
  })
})

describe('the record of receipts', () => {
  it('comes back as it was, and is none when its bytes are cut', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{8}$/), { minLength: 2, maxLength: 5 })
    fc.assert(
      fc.property(ids, fc.array(fc.string()), fc.nat(), (segmentIds, members, sentAt) => {
        const several: Receipt = { requestId: 'r', messageId: 'm', segmentIds, dataCount: 2, sentAt, members }
        const one: Receipt = { ...several, segmentIds: ['m'], dataCount: 1 }
        for (const receipt of [several, one])
          expect(decodeReceipts('r', encodeReceipts(receipt))).toEqual({
            ...receipt,
            members: members.map((name) => name.toWellFormed()),
          })
      }),
    )
    expect(decodeReceipts('r', new Uint8Array(0))).toBeUndefined()
    expect(decodeReceipts('r', Uint8Array.of(10, 9))).toBeUndefined()
    expect(decodeReceipts('r', Uint8Array.of(10, 1, 97))).toBeUndefined()
  })
})
