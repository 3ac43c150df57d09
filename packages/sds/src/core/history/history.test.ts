import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { History } from './history.ts'
import { LogEntry, type LogName } from './log-entry.ts'

const KEY = { first: 1, second: 2 }

/** What tells entries apart, which are not the same objects each time. */
const shown = (entry: LogEntry | undefined): object | undefined =>
  entry && { ...name(entry), contentLength: entry.contentLength }

const name = ({ sequence, messageId, senderId, lamport, named }: LogName): LogName => ({
  sequence,
  messageId,
  senderId,
  lamport,
  named,
})

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
        const history = new History(KEY)
        let list: LogEntry[] = []
        for (const [index, [action, lamport]] of steps.entries()) {
          const entry = entryOf(index, lamport)
          if (action === 0 && list.length > 0) {
            expect(history.forgetOldest()).toEqual(name(list.shift()!))
          } else if (action === 1 && list.length > 0) {
            const [gone] = list.splice(lamport % list.length, 1)
            expect(shown(history.remove(gone!.messageId))).toEqual(shown(gone))
          } else if (action === 2) {
            const expected = list.find(({ contentLength }) => contentLength > 0)
            expected?.dropContent()
            expect(shown(history.dropOldestContent())).toEqual(shown(expected))
          } else {
            history.insert(entry)
            list = [...list, entry].toSorted(order)
          }
          expect(history.last(1_000)).toEqual(list.map(name))
          expect(history.last(2)).toEqual(list.slice(-2).map(name))
          const even = ({ sequence }: LogName): boolean => sequence % 2 === 0
          expect(history.last(2, even, 10)).toEqual(list.slice(-10).filter(even).slice(-2).map(name))
          expect(history.size).toBe(list.length)
          expect(history.bytes).toBe(list.reduce((sum, { contentLength }) => sum + contentLength, 0))
          for (const one of list) expect(shown(history.get(one.messageId))).toEqual(shown(one))
        }
      }),
    )
  })

  it('forgets a great many without slowing down or mixing up', () => {
    const history = new History(KEY)
    for (let i = 0; i < 10_000; i++) {
      history.insert(entryOf(i, i))
      if (history.size > 100) expect(history.forgetOldest().messageId).toBe(`${i - 100}`)
    }
    expect(history.last(2).map(({ messageId }) => messageId)).toEqual(['9998', '9999'])
    expect(history.has('9000')).toBe(false)
  })
})
