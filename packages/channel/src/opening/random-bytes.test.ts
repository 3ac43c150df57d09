import { expect, it } from 'vitest'
import { cryptoBytes } from './random-bytes.ts'

it('gives as many bytes as are asked for, each of its own and none twice', () => {
  const seen = new Set<string>()
  const given = Array.from({ length: 3000 }, (_, i) => cryptoBytes(8 + (i % 400)))
  for (const [i, bytes] of given.entries()) {
    expect(bytes).toHaveLength(8 + (i % 400))
    expect(bytes.buffer.byteLength).toBe(bytes.length)
    seen.add(bytes.subarray(0, 8).join())
  }
  expect(seen.size).toBe(given.length)
})
