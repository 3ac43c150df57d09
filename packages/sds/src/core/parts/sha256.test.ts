import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sha256Words } from './sha256.ts'

it('is that of OpenSSL, at every length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const expected = createHash('sha256').update(bytes).digest('hex')
      const words = [...sha256Words(bytes)].map((word) => (word >>> 0).toString(16).padStart(8, '0'))
      expect(words.join('')).toBe(expected)
    }),
    { numRuns: 500 },
  )
})
