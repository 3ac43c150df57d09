import type { CipherContext } from './cipher.ts'
import { readHeader } from './core/header.ts'
import { CipherError } from './errors.ts'
import { check } from './guard.ts'
import { type KeyRing, type RingKey, createKeyRing } from './key-ring.ts'

/** One key, or several in rotation. */
export type KeySource =
  | { readonly key: Uint8Array; readonly keyRing?: undefined }
  | { readonly keyRing: KeyRing; readonly key?: undefined }

/**
 * A single key is a ring of one.
 *
 * @throws CipherOptionError, CipherKeyError
 */
export function toKeyRing(source: KeySource): KeyRing {
  check.object('options', source, 'an object with "key" or "keyRing"')
  check.names(source, ['key', 'keyRing', 'randomBytes', 'backend'])
  if (source.keyRing !== undefined) checkKeyRing(source.keyRing)
  return source.keyRing ?? createKeyRing({ keys: [source.key] })
}

function checkKeyRing(ring: KeyRing): void {
  check.object('keyRing', ring, 'a key ring as createKeyRing() makes')
  check.function('keyRing.find', ring.find)
}

/** Checks what is clear of a frame and opens it with the key that it names. */
export function openWith<T>(
  ring: KeyRing,
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
