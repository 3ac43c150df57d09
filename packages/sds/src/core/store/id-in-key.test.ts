import fc from 'fast-check'
import { expect, it } from 'vitest'
import { idFromKey, idInKey, looksShortened } from './id-in-key.ts'

it('an id that is a hash takes 44 letters of a key, and comes back as it was', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), (id) => {
      expect(idInKey(id)).toHaveLength(44)
      expect(looksShortened(idInKey(id))).toBe(true)
      expect(idFromKey(idInKey(id))).toBe(id)
    }),
  )
})

it('any other id stands in the key as it is', () => {
  for (const id of ['', 'x', 'AB'.repeat(32), 'ab'.repeat(31), `~${'a'.repeat(42)}`]) {
    expect(idInKey(id)).toBe(id)
    expect(idFromKey(id)).toBe(id)
  }
})
