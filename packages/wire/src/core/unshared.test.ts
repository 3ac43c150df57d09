import { expect, expectTypeOf, it } from 'vitest'
import { unshared } from './unshared.ts'

it('leaves bytes where they are, and copies those that threads share', () => {
  // N9
  const own = Uint8Array.of(1, 2, 3)
  expect(unshared(own)).toBe(own)
  const shared = new Uint8Array(new SharedArrayBuffer(3))
  shared.set(own)
  const copy = unshared(shared)
  expect(copy).toEqual(own)
  expect(copy.buffer).toBeInstanceOf(ArrayBuffer)
  expectTypeOf(copy).toEqualTypeOf<Uint8Array<ArrayBuffer>>()
})
