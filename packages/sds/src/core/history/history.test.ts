import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { History } from './history.ts'
import { LogEntry, type LogName } from './log-entry.ts'

const HASH_KEY = 0.3

/** The fields by which entries are compared: the history makes new objects of them each time. */
const shown = (entry: LogEntry | undefined): object | undefined =>
  entry && { ...name(entry), contentLength: entry.contentLength }

const name = ({ sequence, messageId, senderId, lamport, named, isLoose }: LogName): LogName => ({
  sequence,
  messageId,
  senderId,
  lamport,
  named,
  isLoose,
})

const entryOf = (id: number, lamport: number, before: readonly number[] = [], isLoose = false): LogEntry =>
  new LogEntry({
    sequence: id,
    messageId: `${id}`,
    senderId: 'a',
    lamport,
    causalHistory: before.map((one) => ({ messageId: `${one}` })),
    content: new Uint8Array(id % 5),
    isLoose,
  })

const order = (a: LogEntry, b: LogEntry): number =>
  Number(a.lamport) - Number(b.lamport) || (a.messageId < b.messageId ? -1 : 1)

const newest = <T>(all: readonly T[], count: number): T[] => all.slice(Math.max(0, all.length - count))

/** An operation, a number for it, and how far back the entries are that it names. */
const step = fc.tuple(fc.nat(9), fc.nat(30), fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }))

describe('the history', () => {
  it('is what a list sorted after each change would be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const history = new History(HASH_KEY)
        let list: LogEntry[] = []
        let heads: string[] = []
        for (const [index, [action, lamport, back]] of steps.entries()) {
          const entry = entryOf(
            index,
            lamport,
            back.map((one) => index - one).filter((one) => one >= 0),
            action === 3,
          )
          if (action === 0 && list.length > 0) {
            const oldest = list.shift()!
            expect(history.forgetOldest()).toEqual(name(oldest))
            heads = heads.filter((head) => head !== oldest.messageId)
          } else if (action === 1 && list.length > 0) {
            const [gone] = list.splice(lamport % list.length, 1)
            expect(shown(history.remove(gone!.messageId))).toEqual(shown(gone))
            heads = heads.filter((head) => head !== gone!.messageId)
            for (const { messageId } of gone!.causalHistory) {
              if (list.some((one) => one.messageId === messageId)) heads.push(messageId)
            }
            heads = [...new Set(heads)]
          } else if (action === 2) {
            const index = list.findIndex(({ contentLength }) => contentLength > 0)
            const rest = list[index]?.with(list[index].causalHistory)
            expect(shown(history.dropOldestContent())).toEqual(shown(rest))
            if (rest !== undefined) list[index] = rest
          } else {
            history.insert(entry)
            list = [...list, entry].toSorted(order)
            heads = heads.filter((head) => entry.causalHistory.every(({ messageId }) => messageId !== head))
            heads.push(entry.messageId)
          }
          const kindOf = (id: string): string => {
            const { isLoose, causalHistory } = list.find(({ messageId }) => messageId === id)!
            return isLoose ? 'loose' : causalHistory.length === 0 ? 'free' : 'naming'
          }
          const headsOf = (kind: string): string[] => heads.filter((id) => kindOf(id) === kind)
          for (const count of [0, 1, 3, 1_000]) {
            const naming = newest(headsOf('naming'), count)
            const newestHeads = [...newest(headsOf('free'), count - naming.length), ...naming]
            expect(history.headIds(count)).toEqual(newestHeads)
            expect(history.heads(count).map(({ messageId }) => messageId)).toEqual([
              ...newest(headsOf('loose'), count - newestHeads.length),
              ...newestHeads,
            ])
            const ordered = list.filter(({ isLoose }) => !isLoose)
            const inOrder = ordered.map(({ messageId }) => messageId).filter((id) => heads.includes(id))
            const all = [
              ...inOrder.filter((id) => kindOf(id) === 'free'),
              ...inOrder.filter((id) => kindOf(id) === 'naming'),
            ]
            const latest = newest(all, count)
            const own = ordered[lamport % Math.max(1, ordered.length)]?.messageId
            const chosen =
              own !== undefined && count > 0 && all.length > count && !latest.includes(own)
                ? [own, ...latest.slice(1)]
                : latest
            const isNamed = (one: LogEntry): boolean =>
              !one.isLoose && (chosen.includes(one.messageId) || ordered.indexOf(one) >= ordered.length - 2)
            expect(history.frontier(2, count, own)).toEqual(list.filter(isNamed).map(name))
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
      { numRuns: 30 },
    )
  })

  it('forgets a great many without slowing down or mixing up', () => {
    const history = new History(HASH_KEY)
    for (let i = 0; i < 10_000; i++) {
      history.insert(entryOf(i, i))
      if (history.size > 100) expect(history.forgetOldest().messageId).toBe(`${i - 100}`)
    }
    expect(history.last(2).map(({ messageId }) => messageId)).toEqual(['9998', '9999'])
    expect(history.has('9000')).toBe(false)
  })
})
