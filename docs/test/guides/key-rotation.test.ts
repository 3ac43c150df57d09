import { createKeyRing } from '@reliable-channels/encryption'
import { expect, it } from 'vitest'

const keyOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)

it('a replaced key outlives two rotations more, and not a third', () => {
  const ring = createKeyRing({ keys: [keyOf(1)] })
  const [first] = ring.keyIds
  for (const n of [2, 3, 4]) {
    ring.rotate(keyOf(n))
    expect(ring.keyIds).toContain(first)
  }
  ring.rotate(keyOf(5))
  expect(ring.keyIds).not.toContain(first)
})
