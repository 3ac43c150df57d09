import fc from 'fast-check'
import { expect, it } from 'vitest'
import { equalBytes } from './equal-bytes.ts'

it('tells whether all bytes are the same, wherever they lie in memory', () => {
  const places = fc.record({
    bytes: fc.uint8Array({ maxLength: 300 }),
    from: fc.nat(9),
    to: fc.nat(9),
    at: fc.nat(),
  })
  fc.assert(
    fc.property(places, ({ bytes, from, to, at }) => {
      const [one, other] = [from, to].map((start) => {
        const memory = new Uint8Array(start + bytes.length + 5).fill(start)
        memory.set(bytes, start)
        return memory.subarray(start, start + bytes.length)
      })
      expect(equalBytes(one!, other!)).toBe(true)
      expect(equalBytes(one!, other!.subarray(1))).toBe(bytes.length === 0)
      if (bytes.length === 0) return
      other![at % bytes.length]! ^= 1 << (at % 8)
      expect(equalBytes(one!, other!)).toBe(false)
    }),
  )
})
