import { scryptSync } from 'node:crypto'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { expect, it } from 'vitest'
import { keyFromPassphrase } from './index.ts'
import { findNodeScrypt } from './node-scrypt.ts'

it('makes the key of scrypt with N = 2^14, r = 8, p = 1, of the normalised passphrase', async () => {
  const key = await keyFromPassphrase('correct horse \u212bngstr\u00f6m', { salt: '/app/1/room', logN: 14 })
  const expected = scryptSync('correct horse \u00c5ngstr\u00f6m', '/app/1/room', 32, {
    N: 2 ** 14,
    r: 8,
    p: 1,
    maxmem: 2 ** 26,
  })
  expect(key).toEqual(Uint8Array.from(expected))
})

it('uses N = 2^17 unless told otherwise, and tells how far it is', async () => {
  const seen: number[] = []
  const key = await keyFromPassphrase('correct horse', {
    salt: new TextEncoder().encode('/app/1/room'),
    onProgress: (fraction) => seen.push(fraction),
  })
  const expected = scryptSync('correct horse', '/app/1/room', 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 })
  expect(key).toEqual(Uint8Array.from(expected))
  expect(seen.at(-1)).toBe(1)
})

it('makes the same key with node:crypto and without', async () => {
  const cost = { N: 2 ** 14, r: 8, p: 1, dkLen: 32, maxmem: 2 ** 26 }
  const salt = new TextEncoder().encode('/app/1/room')
  const key = await findNodeScrypt()?.('correct horse', salt, cost)
  expect(key?.constructor).toBe(Uint8Array)
  expect(await scryptAsync('correct horse', salt, cost)).toEqual(key)
  await expect(findNodeScrypt()?.('correct horse', salt, { ...cost, maxmem: 1000 })).rejects.toThrow()
  expect(findNodeScrypt({})).toBeUndefined()
})

// F24
it('takes the key where a callback says `undefined` instead of `null`, as that of Bun does', async () => {
  const cost = { N: 2 ** 14, r: 8, p: 1, dkLen: 32, maxmem: 2 ** 26 }
  const platform = (error: unknown, key: Uint8Array | undefined): object => ({
    process: {
      getBuiltinModule: () => ({
        scrypt: (...args: unknown[]) => (args.at(-1) as (...result: unknown[]) => void)(error, key),
      }),
    },
  })
  const salt = new Uint8Array(8)
  const made = findNodeScrypt(platform(undefined, Uint8Array.of(7)))?.('correct horse', salt, cost)
  await expect(made).resolves.toEqual(Uint8Array.of(7))
  const failed = findNodeScrypt(platform(new Error('no memory'), undefined))?.('correct horse', salt, cost)
  await expect(failed).rejects.toThrow('no memory')
})

it.each([
  ['', { salt: 'long enough' }, '"passphrase" expected some text, got none'],
  [7 as never, { salt: 'long enough' }, '"passphrase" expected a string, got number'],
  ['secret', { salt: undefined as never }, '"salt" expected a string or Uint8Array, got undefined'],
  ['secret', { salt: 'short' }, '"salt" expected at least 8 bytes, got 5'],
  ['secret', { salt: 'long enough', logN: 30 }, '"logN" expected an integer from 14 to 20, got 30'],
])('refuses %j with %j', async (passphrase, options, message) => {
  await expect(keyFromPassphrase(passphrase, options)).rejects.toThrow(message)
})
