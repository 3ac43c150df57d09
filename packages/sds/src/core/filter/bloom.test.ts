import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bloomBytes, bloomHas, bloomParameters, gistOf, modulo, pairHashOf, setBits } from './bloom.ts'
import { decodeNimFilter, encodeNimFilter, openFilter } from './bloom-codec.ts'
import { FilterMatcher } from './filter-matcher.ts'
import type { Dialect } from '../wire/message.ts'
import { RollingFilter } from './rolling-filter.ts'

const LIMITS = { maxBloomBytes: 65_536, maxHashCount: 64 }
const dialects = fc.constantFrom<Dialect>('lip', 'nim')
const ids = fc.array(fc.string({ maxLength: 70 }), { maxLength: 60 })

/** The bits of an id, in big integers, as the formula gives them. */
function slowBits(dialect: Dialect, id: string, bits: number, hashCount: number): Set<number> {
  const pair = new Uint32Array(4)
  pairHashOf(dialect)(id, pair)
  const [a, b] = [0, 2].map((at) => ((BigInt(pair[at]!) << 32n) | BigInt(pair[at + 1]!)) % BigInt(bits)) as [
    bigint,
    bigint,
  ]
  return new Set(Array.from({ length: hashCount }, (_, n) => Number((a + BigInt(n) * b) % BigInt(bits))))
}

describe('bloom filters', () => {
  it('are sized as the specification gives it', () => {
    expect(bloomParameters(10_000, 0.001)).toEqual({
      capacity: 10_000,
      errorRate: 0.001,
      hashCount: 10,
      bits: 150_000,
    })
    expect(bloomBytes(150_000)).toBe(18_752)
    expect(encodeNimFilter(bloomParameters(10_000, 0.001), new Uint8Array(18_752))).toHaveLength(18_768)
  })

  // ACK-14 is a contradiction: both byte forms are here.
  it('set and find the bits of the formula, in the byte order of their dialect', () => {
    fc.assert(
      fc.property(
        dialects,
        fc.string({ maxLength: 80 }),
        fc.integer({ min: 1, max: 5_000 }),
        (dialect, id, bits) => {
          const hashCount = 7
          const filter = { dialect, bits, hashCount, bytes: new Uint8Array(bloomBytes(bits)) }
          const pair = new Uint32Array(4)
          pairHashOf(dialect)(id, pair)
          setBits(filter, modulo(pair[0]!, pair[1]!, bits), modulo(pair[2]!, pair[3]!, bits))
          const view = new DataView(filter.bytes.buffer)
          const found = new Set<number>()
          for (let word = 0; word < filter.bytes.length / 8; word++) {
            const value = view.getBigUint64(8 * word, dialect === 'nim')
            for (let i = 0; i < 64; i++) if (((value >> BigInt(i)) & 1n) === 1n) found.add(64 * word + i)
          }
          expect(found).toEqual(slowBits(dialect, id, bits, hashCount))
          expect(bloomHas(filter, id)).toBe(true)
        },
      ),
    )
  })

  it('reduce 64 bits exactly', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (value, modulus) => {
          const expected = Number(value % BigInt(modulus))
          expect(modulo(Number(value >> 32n), Number(value & 0xffff_ffffn), modulus)).toBe(expected)
        },
      ),
    )
  })

  it('miss no id that was put in, and few are found that were not', () => {
    for (const dialect of ['lip', 'nim'] as const) {
      const filter = new RollingFilter(dialect, 1_000, 0.001)
      for (let i = 0; i < 1_000; i++) filter.insert(`in-${i}`)
      let wrong = 0
      for (let i = 0; i < 1_000; i++) expect(bloomHas(filter.bits, `in-${i}`)).toBe(true)
      for (let i = 0; i < 10_000; i++) if (bloomHas(filter.bits, `out-${i}`)) wrong++
      expect(wrong).toBeLessThan(40)
    }
  })
})

describe('the rolling filter', () => {
  // ACK-16
  it('is made anew of the newest once it holds 1.2 times its capacity', () => {
    const filter = new RollingFilter('lip', 2, 0.001)
    for (const id of ['id1', 'id2', 'id3']) filter.insert(id)
    expect([bloomHas(filter.bits, 'id1'), bloomHas(filter.bits, 'id3')]).toEqual([false, true])
    const large = new RollingFilter('lip', 100, 0.001)
    for (let i = 0; i < 120; i++) large.insert(`id-${i}`)
    expect([large.count, bloomHas(large.bits, 'id-0')]).toEqual([120, true])
    large.insert('id-120')
    expect(large.count).toBe(80)
    expect([40, 41, 120].map((i) => bloomHas(large.bits, `id-${i}`))).toEqual([false, true, true])
  })

  it('keeps its size in lip, where no other could be read, and grows in nim', () => {
    const sizes = (dialect: Dialect): number[] => {
      const filter = new RollingFilter(dialect, 100, 0.001)
      const before = filter.parameters.bits
      for (let i = 0; i <= 120; i++) filter.insert(`id-${i}`)
      return [before, filter.parameters.bits]
    }
    expect(sizes('lip')).toEqual([1_500, 1_500])
    expect(sizes('nim')).toEqual([1_500, 1_800])
  })

  it('is the same as one that never held what was taken out', () => {
    fc.assert(
      fc.property(
        dialects,
        fc.uniqueArray(fc.string({ maxLength: 20 }), { maxLength: 40 }),
        fc.nat(40),
        (dialect, all, at) => {
          const removed = all.slice(at, at + 3)
          const filter = new RollingFilter(dialect, 100, 0.01)
          const other = new RollingFilter(dialect, 100, 0.01)
          for (const id of all) filter.insert(id)
          for (const id of all) if (!removed.includes(id)) other.insert(id)
          filter.remove(removed)
          expect(filter.toWire()).toEqual(other.toWire())
          filter.insert('after')
          other.insert('after')
          expect(filter.toWire()).toEqual(other.toWire())
        },
      ),
    )
  })
})

describe('filters from the network', () => {
  const base = bloomParameters(10_000, 0.001)

  it('are read without copying', () => {
    const filter = new RollingFilter('nim', 100, 0.01)
    filter.insert('x')
    const wire = filter.toWire()
    const opened = openFilter(wire, 'nim', base, LIMITS)
    if (typeof opened === 'string') throw new Error(opened)
    expect(opened.bytes.buffer).toBe(wire.buffer)
    expect([bloomHas(opened, 'x'), bloomHas(opened, 'y')]).toEqual([true, false])
  })

  it.each([
    ['no bits', { bits: 0 }],
    ['more bits than its words', { bits: 129 }],
    ['no hash count', { hashCount: 0 }],
    ['a hash count that takes for ever', { hashCount: 2 ** 31 }],
    ['a number of bits beyond all measure', { bits: Number.MAX_SAFE_INTEGER }],
  ])('are of no use with %s', (_, change) => {
    const wire = encodeNimFilter(
      { capacity: 10, errorRate: 0.01, hashCount: 7, bits: 100, ...change },
      new Uint8Array(16),
    )
    expect(openFilter(wire, 'nim', base, LIMITS)).toBeTypeOf('string')
  })

  it('are of no use when they are too large, or of another size in lip', () => {
    expect(openFilter(new Uint8Array(65_537), 'nim', base, LIMITS)).toBe('a filter of 65537 bytes')
    expect(openFilter(new Uint8Array(18_744), 'lip', base, LIMITS)).toBe(
      'a filter of 18744 bytes, expected 18752',
    )
    expect(openFilter(new Uint8Array(18_752), 'lip', base, LIMITS)).toBeTypeOf('object')
  })

  it('are of use up to the largest size, and the most bits for each id, that are allowed', () => {
    const wire = encodeNimFilter(
      { capacity: 10, errorRate: 0.01, hashCount: 7, bits: 100 },
      new Uint8Array(16),
    )
    const limits = { maxBloomBytes: wire.length, maxHashCount: 7 }
    expect(openFilter(wire, 'nim', base, limits)).toBeTypeOf('object')
    expect(openFilter(wire, 'nim', base, { ...limits, maxBloomBytes: wire.length - 1 })).toBeTypeOf('string')
    expect(openFilter(wire, 'nim', base, { ...limits, maxHashCount: 6 })).toBeTypeOf('string')
  })

  it('come back as they were sent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 999_999 }), (capacity, ppm) => {
        const parameters = bloomParameters(capacity, ppm / 1e6)
        const words = new Uint8Array(bloomBytes(parameters.bits)).fill(5)
        const decoded = decodeNimFilter(encodeNimFilter(parameters, words))
        expect(decoded).toEqual({
          ...parameters,
          errorRate: Math.floor(parameters.errorRate * 1e6) / 1e6,
          words,
        })
      }),
    )
  })
})

describe('finding many ids in a filter', () => {
  it('finds what asking for each would', () => {
    fc.assert(
      fc.property(
        dialects,
        fc.uniqueArray(fc.string({ maxLength: 70 }), { maxLength: 80 }),
        ids,
        fc.nat(),
        (dialect, all, inside, removals) => {
          const filters = [50, 80].map((capacity) => {
            const filter = new RollingFilter(dialect, capacity, 0.3)
            for (const id of [...inside, ...all.filter((_, i) => i % 3 === 0)]) filter.insert(id)
            return filter.bits
          })
          const slots = [...all]
          const matcher = new FilterMatcher(dialect, filters[0]!.bits)
          for (const id of all) matcher.push(id)
          for (let i = 0; i < removals % 5 && slots.length > 0; i++) {
            const slot = removals % slots.length
            matcher.remove(slot)
            const last = slots.pop()!
            if (slot < slots.length) slots[slot] = last
          }
          for (const filter of [...filters, filters[0]!]) {
            expect(matcher.match(filter).map((slot) => slots[slot])).toEqual(
              slots.filter((id) => bloomHas(filter, id)),
            )
          }
        },
      ),
    )
  })
})

describe('what is told of a filter as a whole', () => {
  const words = fc
    .array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { maxLength: 9 })
    .map((all) => Uint8Array.from(all.flatMap((word) => [...word])))

  it('is the share of ids that it holds by mistake, and about how many it was given', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 20 }), (bytes, hashCount) => {
        const ones = [...bytes].map((byte) => byte.toString(2).replaceAll('0', '').length)
        const share = ones.reduce((sum, count) => sum + count, 0) / 1_000
        const gist = gistOf({ dialect: 'lip', bits: 1_000, hashCount, bytes })
        expect(gist.mistaken).toBe(share ** hashCount)
        expect(gist.ids).toBeCloseTo((-1_000 / hashCount) * Math.log1p(-share), 6)
      }),
    )
    const full = { dialect: 'nim', bits: 32, hashCount: 3, bytes: new Uint8Array(8).fill(0xff) } as const
    expect(gistOf(full)).toMatchObject({ mistaken: 1, ids: Infinity })
    // What is no whole word is none of the filter's.
    expect(gistOf({ ...full, bytes: new Uint8Array(7).fill(0xff) }).ids).toBeCloseTo(0)
  })

  it('is read where its bytes stand, at the end of a frame or between others', () => {
    const frame = Uint8Array.from({ length: 80 }, (_, i) => i * 37)
    for (const start of [0, 1, 3, 16]) {
      const bytes = frame.subarray(start, start + 64)
      const of = (view: Uint8Array) => gistOf({ dialect: 'nim', bits: 512, hashCount: 3, bytes: view })
      expect(of(bytes)).toEqual(of(bytes.slice()))
    }
  })

  it('differs where any byte does', () => {
    const digest = (bytes: Uint8Array): number =>
      gistOf({ dialect: 'lip', bits: 64, hashCount: 3, bytes }).digest
    const digests = Array.from({ length: 16 }, (_, at) => {
      const bytes = new Uint8Array(16)
      bytes[at] = 1
      return digest(bytes)
    })
    expect(new Set([...digests, digest(new Uint8Array(16))]).size).toBe(17)
  })
})
