import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Acknowledgements } from './acknowledgements.ts'
import { type Reminder, Reminders } from './reminders.ts'

const MEMBERS = ['bob', 'carol', 'dave']

/** What is kept of own messages, the slow way: all is looked at each time. */
class Plain {
  readonly messages = new Map<string, { number: number; by: Set<string> }>()
  readonly members = new Map<string, { since: number; tries: number; mostTries: number }>()

  begin(messageId: string, number: number, by?: string): void {
    if (this.messages.get(messageId)?.by.size !== 0) this.messages.delete(messageId)
    this.messages.set(messageId, { number, by: new Set(by === undefined ? [] : [by]) })
    if (by !== undefined) this.#heard(by)
  }

  add(messageId: string, by: string): void {
    const message = this.messages.get(messageId)
    if (message === undefined || message.by.has(by)) return
    message.by.add(by)
    this.#heard(by)
  }

  withdraw(messageId: string, by: string): void {
    this.messages.get(messageId)?.by.delete(by)
  }

  expect(by: string, since: number): void {
    const { since: before, tries } = this.members.get(by) ?? { since: Infinity, tries: 0 }
    this.members.set(by, { since: Math.min(before, since), tries, mostTries: Math.max(8, tries + 1) })
  }

  remind(): Reminder[] {
    const latest = [...this.messages].slice(-512)
    return [...this.members].flatMap(([by, member]) => {
      if (member.tries >= member.mostTries) return []
      const lacked = latest.findLast(
        ([, one]) => one.number > member.since && one.by.size > 0 && !one.by.has(by),
      )
      return lacked ? [{ messageId: lacked[0], by, tries: ++member.tries }] : []
    })
  }

  #heard(by: string): void {
    const member = this.members.get(by)
    if (member !== undefined) member.tries = 0
  }
}

const messageId = fc.integer({ min: 1, max: 8 })
const by = fc.constantFrom(...MEMBERS)
const step = fc.oneof(
  fc.record({ type: fc.constant('begin'), messageId, by: fc.option(by, { nil: undefined }) }),
  fc.record({ type: fc.constant('add'), messageId, by }),
  fc.record({ type: fc.constant('withdraw'), messageId, by }),
  fc.record({ type: fc.constant('expect'), messageId, by }),
  fc.record({ type: fc.constant('remind'), messageId, by }),
)

/** Where each acknowledges; everybody was heard. */
function heard() {
  const reminders = new Reminders({ acknowledge: 'each' })
  const acknowledgements = new Acknowledgements(reminders)
  for (const member of MEMBERS) acknowledgements.words(member)
  return { reminders, acknowledgements }
}

describe('who is reminded of what', () => {
  it('is each of the newest that another has and he lacks, whatever comes, is lost, given up or told late', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { acknowledgements } = heard()
        const plain = new Plain()
        for (const member of MEMBERS) {
          acknowledgements.expect(member, 4)
          plain.expect(member, 4)
        }
        for (const [now, one] of steps.entries()) {
          const id = `${one.messageId}`
          const word = { by: one.by ?? '', lamport: now, now }
          if (one.type === 'begin') {
            acknowledgements.begin(id, one.messageId, one.by)
            plain.begin(id, one.messageId, one.by)
          } else if (one.type === 'add') {
            acknowledgements.add(id, word.by)
            plain.add(id, word.by)
          } else if (one.type === 'withdraw') {
            acknowledgements.withdraw(id, word)
            plain.withdraw(id, word.by)
          } else if (one.type === 'expect') {
            acknowledgements.expect(word.by, one.messageId)
            plain.expect(word.by, one.messageId)
          } else expect(acknowledgements.remind()).toEqual(plain.remind())
        }
        expect(acknowledgements.remind()).toEqual(plain.remind())
      }),
      { numRuns: 300 },
    )
  })

  it('is found without a look at what was looked at before', () => {
    const { reminders, acknowledgements } = heard()
    acknowledgements.expect('carol', 0)
    for (let i = 1; i <= 500; i++) {
      acknowledgements.begin(`${i}`, i, 'bob')
      acknowledgements.add(`${i}`, 'carol')
    }
    const carol = { since: 0, tries: 0, mostTries: 8, hasUpTo: 0 }
    let looks = 0
    const receipts = {
      isLackedBy: (id: string, member: string): boolean | undefined => {
        looks++
        return acknowledgements.isLackedBy(id, member)
      },
    }
    expect(reminders.remind('carol', carol, receipts)).toBeUndefined()
    expect(looks).toBe(500)
    acknowledgements.begin('new', 501, 'bob')
    expect(reminders.remind('carol', carol, receipts)?.messageId).toBe('new')
    acknowledgements.add('new', 'carol')
    expect(reminders.remind('carol', carol, receipts)).toBeUndefined()
    expect(reminders.remind('carol', carol, receipts)).toBeUndefined()
    expect(looks).toBe(502)
  })

  it('is nothing before the latest 512', () => {
    const { acknowledgements } = heard()
    acknowledgements.expect('carol', 0)
    acknowledgements.begin('old', 1, 'bob')
    for (let i = 2; i <= 512; i++) {
      acknowledgements.begin(`${i}`, i, 'bob')
      acknowledgements.add(`${i}`, 'carol')
    }
    expect(acknowledgements.remind()).toEqual([{ messageId: 'old', by: 'carol', tries: 1 }])
    acknowledgements.begin('new', 513)
    expect(acknowledgements.remind()).toEqual([])
  })

  it('has one place of the 512, however often it is taken back and acknowledged anew', () => {
    const { acknowledgements } = heard()
    acknowledgements.expect('carol', 0)
    acknowledgements.begin('old', 1, 'bob')
    for (let i = 0; i < 600; i++) {
      acknowledgements.begin('again', 2, 'bob')
      acknowledgements.withdraw('again', { by: 'bob', lamport: i, now: i })
    }
    acknowledgements.begin('again', 2, 'bob')
    expect(acknowledgements.remind()).toEqual([{ messageId: 'again', by: 'carol', tries: 1 }])
    acknowledgements.add('again', 'carol')
    expect(acknowledgements.remind()).toEqual([{ messageId: 'old', by: 'carol', tries: 1 }])
  })
})
