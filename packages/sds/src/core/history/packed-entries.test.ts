import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogEntry, type LogFields, bytesOfNames } from './log-entry.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { PackedEntries } from './packed-entries.ts'

const HASH_KEY = 0.3

interface Fields extends Omit<LogFields, 'content'> {
  readonly content: number[] | undefined
}

/** All that an entry is, for comparison. */
const fieldsOf = (entry: LogEntry): Fields => {
  const { sequence, messageId, senderId, lamport, causalHistory, content } = entry
  return { sequence, messageId, senderId, lamport, causalHistory, content: content && [...content] }
}

const named: fc.Arbitrary<HistoryEntry> = fc.record({
  messageId: fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), fc.string({ minLength: 1 })),
  retrievalHint: fc.option(fc.uint8Array({ minLength: 1, maxLength: 64, size: 'max' }), { nil: undefined }),
  senderId: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
})

const drafts = fc.record({
  prefix: fc.constantFrom('', 'ü', 'a'.repeat(64), 'x'.repeat(1_000)),
  senderId: fc.constantFrom('', 'alice', 'böb'),
  lamport: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })),
  causalHistory: fc.oneof(
    fc.array(named, { maxLength: 3 }),
    named.map((one) => Array.from({ length: 200 }, () => one)),
  ),
  length: fc.oneof(fc.nat(100), fc.constantFrom(1_024, 1_025, 20_000)),
})

/** Different for each entry. */
const contentOf = (length: number, sequence: number): Uint8Array | undefined =>
  length === 0 ? undefined : new Uint8Array(length).fill(sequence)

describe('packed entries', () => {
  it('are what was added, found by id until they are removed', () => {
    const steps = fc.array(fc.tuple(fc.nat(9), fc.nat(), drafts), { maxLength: 250, size: 'max' })
    fc.assert(
      fc.property(steps, (all) => {
        const entries = new PackedEntries(HASH_KEY)
        const model = new Map<number, { entry: LogEntry; fields: Fields }>()
        for (const [sequence, [action, number, { prefix, length, ...draft }]] of all.entries()) {
          const slots = [...model.keys()]
          const slot = slots[number % slots.length]
          if (action === 0 && slot !== undefined) {
            entries.remove(slot)
            model.delete(slot)
          } else if (action === 1 && slot !== undefined) {
            const { entry, fields } = model.get(slot)!
            const isMuch = entries.bytesOf(slot) > (fields.content?.length ?? 0)
            const without = { ...fields, content: undefined, ...(isMuch && { causalHistory: [] }) }
            expect(fieldsOf(entries.dropContent(slot))).toEqual(without)
            model.set(slot, { entry, fields: without })
          } else {
            const content = contentOf(length, sequence)
            const entry = new LogEntry({ ...draft, sequence, messageId: `${prefix}${sequence}`, content })
            model.set(entries.add(entry), { entry, fields: fieldsOf(entry) })
          }
        }
        expect(entries.size).toBe(model.size)
        for (let sequence = 0; sequence < all.length; sequence++) {
          const messageId = `${all[sequence]![2].prefix}${sequence}`
          const slot = [...model].find(([, one]) => one.entry.messageId === messageId)?.[0] ?? -1
          expect(entries.find(messageId)).toBe(slot)
        }
        for (const [slot, { fields }] of model) {
          expect(fieldsOf(entries.get(slot))).toEqual(fields)
          const { content, causalHistory } = fields
          const ofNames = bytesOfNames(causalHistory)
          const counted = entries.bytesOf(slot) - (content?.length ?? 0)
          expect([0, ofNames]).toContain(counted)
          if (causalHistory.length > 16) expect(counted).toBe(ofNames)
          else if (causalHistory.length === 0) expect(counted).toBe(0)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('stand in the order of timestamps, then ids', () => {
    const lamport = fc.oneof(fc.nat(3), fc.constantFrom(2 ** 32, 2n ** 63n, 2n ** 64n - 1n))
    const place = fc.record({ lamport, messageId: fc.constantFrom('a', 'b', 'c'.repeat(64)) })
    fc.assert(
      fc.property(place, place, (one, other) => {
        const entries = new PackedEntries(HASH_KEY)
        const rest = { sequence: 0, senderId: 'a', causalHistory: [], content: undefined }
        const slot = entries.add(new LogEntry({ ...rest, ...one }))
        // So many that the first is no longer at hand as an object.
        for (let i = 0; i < 64; i++) entries.add(new LogEntry({ ...rest, messageId: `${i}`, lamport: 0 }))
        const isBefore =
          one.lamport < other.lamport || (one.lamport === other.lamport && one.messageId < other.messageId)
        expect(entries.isBefore(slot, other)).toBe(isBefore)
      }),
    )
  })
})
