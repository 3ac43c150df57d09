import { describe, expect, it } from 'vitest'
import { createMemberRing, signed } from './signing.ts'
import { createKeyRing, fromHook, keyFromPassphrase, xchacha } from './index.ts'

const key = new Uint8Array(32).fill(7)
const other = { colour: 'red' }
const hook = { encrypt: (plain: Uint8Array) => plain, decrypt: (sealed: Uint8Array) => sealed }
const ring = { secretKey: key, members: createMemberRing() }

// N11
describe('an option that does not exist, and is like none', () => {
  it.each([
    ['createKeyRing', () => createKeyRing({ keys: [key], ...other })],
    ['fromHook', () => fromHook(hook, other as object)],
    ['keyFromPassphrase', () => keyFromPassphrase('correct horse', { salt: '12345678', ...other })],
    ['signed', () => signed(xchacha({ key }), { ...ring, ...other })],
  ])('is refused by %s', async (_, make) => {
    await expect(async () => make()).rejects.toThrow(/"options" expected .*, got "colour"/)
  })
})
