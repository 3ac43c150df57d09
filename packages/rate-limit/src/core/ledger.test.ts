import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ledger, checksum } from './ledger.ts'

/** The ledger as it is after a restart. */
function restarted(ledger: Ledger, from = 1000, to = from): Ledger {
  const next = new Ledger()
  next.restore(ledger.encode(from), to)
  return next
}

/** Puts the right checksum behind a stored form. */
function sealed(bytes: readonly number[]): Uint8Array {
  const sum = checksum(bytes)
  return Uint8Array.of(...bytes, sum >>> 24, sum >>> 16, sum >>> 8, sum)
}

describe('the ledger of used epochs', () => {
  it('finds epochs as it left them, whatever the way back', () => {
    const ledger = new Ledger()
    for (const [epoch, count] of [
      [100, 3],
      [5000, 2],
      [99, 1],
      [100, 4],
    ] as const) {
      ledger.charge(epoch, count)
    }
    expect([99, 100, 101, 5000].map((epoch) => ledger.used(epoch))).toEqual([1, 7, 0, 2])
  })

  it('stays small for ever, and only ever becomes stricter about the past', () => {
    // A reference that forgets nothing.
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -5000, max: 5000 })), {
          maxLength: 300,
          size: 'max',
        }),
        (steps) => {
          const ledger = new Ledger()
          const all = new Map<number, number>()
          let epoch = 1_000_000
          for (const step of steps) {
            epoch += step
            ledger.charge(epoch, 1)
            all.set(epoch, (all.get(epoch) ?? 0) + 1)
          }
          for (const [past, used] of all) expect(ledger.used(past)).toBeGreaterThanOrEqual(used)
          for (const past of all.keys()) ledger.reserve(past, 1, 1000)
          const again = restarted(ledger)
          for (const [past, used] of all) expect(again.used(past)).toBeGreaterThanOrEqual(used)
          expect(ledger.encode(1000).length).toBeLessThan(8 + 16 * 12)
        },
      ),
    )
  })

  it('lets an epoch that was never used be used, also after many others', () => {
    const ledger = new Ledger()
    for (let epoch = 0; epoch < 10_000; epoch++) ledger.charge(epoch, 1)
    // A month too late, and back.
    for (let epoch = 20_000; epoch < 30_000; epoch++) ledger.charge(epoch, 1)
    expect(ledger.used(10_000)).toBe(0)
    expect(ledger.nextWithRoom(10_000, 1)).toBe(10_000)
    expect(ledger.nextWithRoom(9_000, 1)).toBe(10_000)
    expect(ledger.nextWithRoom(25_000, 1)).toBe(30_000)
  })

  it('does not join spans across the epoch that runs', () => {
    const ledger = new Ledger()
    for (let i = 0; i < 40; i++) {
      ledger.charge(1000 + 10 * i, 1)
      ledger.charge(9000 - 10 * i, 1)
    }
    expect(ledger.used(5000)).toBe(0)
  })

  it('counts whole ranges as spent, and joins those that overlap', () => {
    const ledger = new Ledger()
    ledger.charge(7, 1)
    ledger.spend(5, 8)
    ledger.spend(8, 9)
    ledger.charge(7, 1)
    expect([4, 5, 7, 9, 10].map((epoch) => ledger.used(epoch))).toEqual([0, Infinity, Infinity, Infinity, 0])
    expect(ledger.nextWithRoom(5, 1000)).toBe(10)
    expect(restarted(ledger).used(8)).toBe(Infinity)
  })

  it('stores what may be used before the next write, in blocks up to the limit', () => {
    const ledger = new Ledger()
    ledger.charge(1, 1)
    expect(ledger.reserve(1, 4, 10)).toBe(true)
    expect(restarted(ledger).used(1)).toBe(4)
    ledger.charge(1, 3)
    expect(ledger.reserve(1, 4, 10)).toBe(false)
    ledger.charge(1, 5)
    expect(ledger.reserve(1, 4, 10)).toBe(true)
    expect(restarted(ledger).used(1)).toBe(10)
    expect(ledger.used(1)).toBe(9)
  })

  it('translates epochs of another length in favour of the limit', () => {
    const ledger = new Ledger()
    ledger.charge(10, 5)
    ledger.reserve(10, 1, 5)
    ledger.charge(11, 2)
    ledger.reserve(11, 1, 5)
    const longer = restarted(ledger, 1000, 2000)
    expect([4, 5, 6].map((epoch) => longer.used(epoch))).toEqual([0, 7, 0])
    const shorter = restarted(ledger, 1000, 400)
    expect([24, 25, 29, 30].map((epoch) => shorter.used(epoch))).toEqual([0, Infinity, Infinity, 0])
  })

  it.each([
    ['of another version', [2], 'expected version 1, got 2'],
    ['cut short', [1, 0x80], 'a varint is cut off'],
    ['with an endless number', [1, ...new Array<number>(20).fill(0xff)], 'a varint does not fit 64 bits'],
    ['with a number too large to count with', [1, ...new Array<number>(8).fill(0xff), 1], 'number too large'],
    ['with epochs of no length', [1, 0], 'epochs of 0 ms'],
    ['with a count for several epochs', [1, 10, 5, 1, 3], 'several epochs with one count'],
    ['with epochs out of order', [1, 10, 5, 0, 3, 0, 0, 3], 'epochs out of order'],
    [
      'with too many spans',
      [1, 10, ...Array.from({ length: 17 }, () => [1, 0, 1]).flat()],
      'more than 16 spans',
    ],
    [
      'with an epoch beyond all time',
      [1, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 2],
      'epoch too large',
    ],
  ])('refuses a stored form that is %s', (_, bytes, reason) => {
    const ledger = new Ledger()
    expect(() => ledger.restore(sealed(bytes), 10)).toThrow(new RangeError(reason))
    expect(ledger.used(5)).toBe(0)
  })

  it('notices any single bit that was flipped in the store, and any lost byte', () => {
    const ledger = new Ledger()
    for (const epoch of [3, 7, 8, 2_900_000]) {
      ledger.charge(epoch, 5)
      ledger.reserve(epoch, 4, 20)
    }
    const stored = ledger.encode(600_000)
    for (let bit = 0; bit < stored.length * 8; bit++) {
      const flipped = stored.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => new Ledger().restore(flipped, 600_000)).toThrow(RangeError)
    }
    for (let length = 0; length < stored.length; length++) {
      expect(() => new Ledger().restore(stored.subarray(0, length), 600_000)).toThrow(RangeError)
    }
  })

  it('throws nothing but a RangeError, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 1e9 }),
        (bytes, epochMs) => {
          bytes[0] = 1
          const ledger = new Ledger()
          try {
            ledger.restore(sealed([...bytes]), epochMs)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})
