import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { History } from './history.ts'
import { LogEntry } from './log-entry.ts'

const entryOf = (id: number, lamport: number): LogEntry =>
  new LogEntry({
    sequence: id,
    messageId: `${id}`,
    senderId: 'a',
    lamport,
    causalHistory: [],
    content: new Uint8Array(id % 5),
  })

const order = (a: LogEntry, b: LogEntry): number =>
  Number(a.lamport) - Number(b.lamport) || (a.messageId < b.messageId ? -1 : 1)

describe('the history', () => {
  it('is what a list sorted after each change would be', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(30)), { maxLength: 150 }), (steps) => {
        const history = new History()
        let list: LogEntry[] = []
        for (const [index, [action, lamport]] of steps.entries()) {
          const entry = entryOf(index, lamport)
          if (action === 0 && list.length > 0) expect(history.forgetOldest()).toBe(list.shift())
          else if (action === 1 && list.length > 0) {
            const [gone] = list.splice(lamport % list.length, 1)
            expect(history.remove(gone!.messageId)).toBe(gone)
          } else if (action === 2) {
            const expected = list.find(({ contentLength }) => contentLength > 0)
            expect(history.dropOldestContent()).toBe(expected)
          } else {
            history.insert(entry)
            list = [...list, entry].toSorted(order)
          }
          expect(history.last(1_000)).toEqual(list)
          expect(history.last(2)).toEqual(list.slice(-2))
          expect(history.size).toBe(list.length)
          expect(history.bytes).toBe(list.reduce((sum, { contentLength }) => sum + contentLength, 0))
          for (const one of list) expect(history.get(one.messageId)).toBe(one)
        }
      }),
    )
  })

  it('forgets a great many without slowing down or mixing up', () => {
    const history = new History()
    for (let i = 0; i < 10_000; i++) {
      history.insert(entryOf(i, i))
      if (history.size > 100) expect(history.forgetOldest().messageId).toBe(`${i - 100}`)
    }
    expect(history.last(2).map(({ messageId }) => messageId)).toEqual(['9998', '9999'])
    expect(history.has('9000')).toBe(false)
  })
})
