import type { CipherContext } from './cipher.ts'
import { readHeader } from './core/header.ts'
import { keyIdOf } from './core/key-id.ts'
import { CipherError } from './errors.ts'
import { check } from './guard.ts'
import type { KeyRing, RingKey } from './key-ring.ts'
import { unknownKey } from './unknown-key.ts'

/** One key, or several in rotation. */
export type KeySource =
  | { readonly key: Uint8Array; readonly keyRing?: undefined }
  | { readonly keyRing: KeyRing; readonly key?: undefined }

/** What a cipher needs of a key ring. */
export type Keys = Pick<KeyRing, 'current' | 'find'>

/** @throws CipherOptionError, CipherKeyError */
export function keysOf(source: KeySource): Keys {
  check.object('options', source, 'an object with "key" or "keyRing"')
  check.names(source, ['key', 'keyRing', 'randomBytes', 'backend'])
  const { key, keyRing } = source
  if (keyRing === undefined) return onlyKey(key)
  checkKeyRing(keyRing)
  return keyRing
}

/** A single key, without what it takes to rotate it: an application that never does is smaller. */
function onlyKey(key: Uint8Array): Keys {
  const current: RingKey = { keyId: keyIdOf(key), key: Uint8Array.from(key) }
  return {
    current,
    find(keyId) {
      if (keyId !== current.keyId) throw unknownKey(keyId)
      return current
    },
  }
}

function checkKeyRing(ring: KeyRing): void {
  check.object('keyRing', ring, 'a key ring as createKeyRing() makes')
  check.function('keyRing.find', ring.find)
}

/** Checks what is clear of a frame and opens it with the key that it names. */
export function openWith<T>(
  ring: Keys,
  sealed: Uint8Array,
  context: CipherContext,
  version: number,
  minBytes: number,
  open: (key: RingKey) => T,
): T | Promise<Awaited<T>> {
  const header = readHeader(sealed)
  if (header?.version !== version || sealed.length < minBytes) {
    throw new CipherError(
      `not a frame of this cipher (${sealed.length} bytes, the first is ${sealed[0]}): ` +
        'sent in plaintext, sealed by another cipher, or encrypted in another place of the pipeline',
      { reason: 'malformed' },
    )
  }
  if (context.kind !== undefined && header.kind !== context.kind) {
    throw new CipherError(`expected ${context.kind}, got ${header.kind}`, { reason: 'wrong-kind' })
  }
  const key = ring.find(header.keyId, context)
  return key instanceof Promise ? (key.then(open) as Promise<Awaited<T>>) : open(key)
}
