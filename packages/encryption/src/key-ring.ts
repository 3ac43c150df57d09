import { onlyNames } from '@reliable-channels/options'
import { type SchedulerLike, asyncScheduler } from 'rxjs'
import type { CipherContext } from './cipher.ts'
import { checkKey, keyIdOf } from './core/key-id.ts'
import { CipherError } from './errors.ts'
import { CipherOptionError, check } from './guard.ts'
import { unknownKey } from './unknown-key.ts'

/** A key and the id under which frames name it. */
export interface RingKey {
  readonly keyId: string
  readonly key: Uint8Array
}

/** Options of {@link createKeyRing}. */
export interface KeyRingOptions {
  /** 1 to 64, the newest first: it seals; all of them open. Copied. */
  readonly keys: readonly Uint8Array[]
  /**
   * Rotations that a key outlives after it was replaced; at least 0.
   * @limit The key is dropped, and what it sealed is rejected (`retired-key`).
   * @default 3
   */
  readonly keepRotations?: number
  /**
   * Time that a key outlives after it was replaced, or given to the ring as an older one, ms.
   * @limit The key is dropped, and what it sealed is rejected (`retired-key`).
   * @default Infinity
   */
  readonly keepMs?: number
  /**
   * Called for a key id that a frame names and the ring does not have. What it returns is kept if its id is that one.
   * Asked once at a time for an id, for at most 16 ids at once; an answer of `undefined` stands for `unknownMs`.
   * After 256 questions within `unknownMs` that brought no key, nothing is asked until the first of them is so long ago:
   * whoever can send frames can make up ids. `context.signal` says when nobody waits for the answer any more.
   */
  readonly onUnknownKey?: (
    keyId: string,
    context: CipherContext,
  ) => Uint8Array | undefined | Promise<Uint8Array | undefined>
  /**
   * Time that a key id counts as unknown once `onUnknownKey` had no key for it, ms.
   * @limit It is asked for again with the next frame that names it.
   * @default 60_000
   */
  readonly unknownMs?: number
  /** Source of time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

/** All names of options: one that is misspelt would be ignored. */
const NAMES = Object.keys({
  keys: 1,
  keepRotations: 1,
  keepMs: 1,
  onUnknownKey: 1,
  unknownMs: 1,
  scheduler: 1,
} satisfies Record<keyof KeyRingOptions, 1>)

/** Keys in rotation: one seals, all that are kept open. Made by {@link createKeyRing}. */
export interface KeyRing {
  /** The key that seals. */
  readonly current: RingKey
  /** The ids of the keys that open, newest first. */
  readonly keyIds: readonly string[]
  /** Seals with `key` from now on. Returns its id. */
  rotate(key: Uint8Array): string
  /** Opens with `key` too: hand a new key to every member this way before anybody rotates to it. Returns its id. */
  accept(key: Uint8Array): string
  /** Drops a key, unless it is the current one. */
  drop(keyId: string): void
  /** The key of that id, at once if the ring has it, else from `onUnknownKey`. Throws or rejects a `CipherError`. */
  find(keyId: string, context: CipherContext): RingKey | Promise<RingKey>
}

interface Kept extends RingKey {
  /** By which rotation it was replaced, and when; absent while it is current, or announced and not in use yet. */
  replaced: { readonly rotation: number; readonly at: number } | undefined
}

/** Keys that open. @limit The longest kept is dropped. */
const MAX_KEPT = 64
/** Ids of dropped keys, and ids that nobody knew, that are remembered. @limit The oldest is forgotten: it is asked for again. */
const MAX_REMEMBERED = 1024
/**
 * Key ids that `onUnknownKey` is asked for at once.
 * @limit A frame with a further one is rejected (`unknown-key`).
 */
const MAX_FETCHES = 16
/** Questions without an answer within `unknownMs`. @limit Nothing is asked until the first of them is so long ago. */
const MAX_FAILURES = 256

/**
 * Makes a {@link KeyRing}. Keys that it drops are overwritten with zeros.
 *
 * @throws CipherKeyError if a key is not 32 bytes; CipherOptionError if there is none, or an option is out of range.
 * @example
 * ```ts
 * const keyRing = createKeyRing({ keys: [current, previous] })
 * const cipher = xchacha({ keyRing })
 * keyRing.rotate(next)
 * ```
 */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  check.object('options', options, 'an object with "keys"')
  onlyNames(check, options, NAMES)
  const {
    keys,
    keepRotations = 3,
    keepMs = Infinity,
    onUnknownKey,
    unknownMs = 60_000,
    scheduler = asyncScheduler,
  } = options
  check.secret(Array.isArray(keys), 'keys', 'an array of keys', keys)
  if (keys.length === 0) throw new CipherOptionError('"keys" expected at least one key, got none')
  check.that(keys.length <= MAX_KEPT, 'keys', `at most ${MAX_KEPT} keys`, keys.length)
  check.number('keepRotations', keepRotations, 0)
  check.number('keepMs', keepMs, 0)
  check.number('unknownMs', unknownMs, 0)
  check.callback('onUnknownKey', onUnknownKey)

  const kept = new Map<string, Kept>()
  const retired = new Set<string>()
  /** Time at which `onUnknownKey` last had no key for an id, ms. */
  const unknownSince = new Map<string, number>()
  const fetches = new Map<string, Promise<RingKey>>()
  /** When questions ended without a key, oldest first. */
  const failures: number[] = []
  let rotation = 0

  const keep = (key: Uint8Array): Kept => {
    const keyId = keyIdOf(key)
    const known = kept.get(keyId)
    if (known?.key.some((byte, i) => byte !== key[i])) {
      throw new CipherOptionError(`two keys with the id ${keyId}: make another key`)
    }
    const entry: Kept = known ?? { keyId, key: Uint8Array.from(key), replaced: undefined }
    // One that comes back counts as new.
    if (entry.replaced !== undefined) kept.delete(keyId)
    entry.replaced = undefined
    kept.set(keyId, entry)
    retired.delete(keyId)
    unknownSince.delete(keyId)
    if (kept.size > MAX_KEPT) sweep()
    return entry
  }
  const remember = <K>(ids: { readonly size: number; keys(): Iterator<K>; delete(id: K): boolean }): void => {
    if (ids.size <= MAX_REMEMBERED) return
    const oldest = ids.keys().next()
    if (oldest.done !== true) ids.delete(oldest.value)
  }
  const retire = (entry: Kept): void => {
    kept.delete(entry.keyId)
    entry.key.fill(0)
    retired.add(entry.keyId)
    remember(retired)
  }
  const sweep = (): void => {
    const now = scheduler.now()
    const isOver = ({ replaced }: Kept): boolean =>
      replaced !== undefined && (rotation - replaced.rotation >= keepRotations || now - replaced.at > keepMs)
    for (const entry of kept.values()) {
      // Where the clock was set back a key outlives that by its time, and not by how far it was set as well.
      if (entry.replaced !== undefined && entry.replaced.at > now)
        entry.replaced = { ...entry.replaced, at: now }
      if (entry !== current && (kept.size > MAX_KEPT || isOver(entry))) retire(entry)
    }
  }
  const fetch = async (keyId: string, context: CipherContext): Promise<RingKey> => {
    const key = await onUnknownKey!(keyId, context)
    if (key === undefined) {
      unknownSince.set(keyId, scheduler.now())
      remember(unknownSince)
      throw unknownKey(keyId)
    }
    checkKey(key)
    if (keyIdOf(key) !== keyId) {
      throw new CipherError(`onUnknownKey gave the key ${keyIdOf(key)} for ${keyId}`, {
        reason: 'unknown-key',
      })
    }
    return keep(key)
  }

  const ask = (keyId: string, context: CipherContext): Promise<RingKey> => {
    const fetching = fetch(keyId, context)
    const ended = (): void => {
      if (fetches.get(keyId) === fetching) fetches.delete(keyId)
    }
    // A question that is never answered must not stand in the way of others for ever.
    context.signal?.addEventListener('abort', ended, { once: true })
    fetches.set(keyId, fetching)
    fetching.then(ended, () => {
      ended()
      failures.push(scheduler.now())
      if (failures.length > MAX_FAILURES) failures.shift()
    })
    return fetching
  }
  /** After the clock is set back an age is negative, and the time does not count as recent. */
  const isRecent = (time: number | undefined): boolean => {
    const age = scheduler.now() - (time ?? -Infinity)
    return age >= 0 && age < unknownMs
  }
  const mayAsk = (): boolean =>
    fetches.size < MAX_FETCHES && (failures.length < MAX_FAILURES || !isRecent(failures[0]))

  for (const key of keys.toReversed()) keep(key)
  let current = kept.get(keyIdOf(keys[0]!))!
  for (const entry of kept.values()) {
    if (entry !== current) entry.replaced = { rotation: 1, at: scheduler.now() }
  }

  return {
    get current() {
      return current
    },
    get keyIds() {
      sweep()
      const others = [...kept.keys()].filter((keyId) => keyId !== current.keyId)
      return [current.keyId, ...others.toReversed()]
    },
    rotate(key) {
      const next = keep(key)
      if (next === current) return next.keyId
      rotation++
      const replaced = { rotation, at: scheduler.now() }
      current.replaced = replaced
      // A key that was announced before the new one is older; one that was announced after it is yet to be used.
      for (const entry of kept.values()) {
        if (entry === next) break
        entry.replaced ??= replaced
      }
      current = next
      sweep()
      return next.keyId
    },
    accept: (key) => keep(key).keyId,
    drop(keyId) {
      const entry = kept.get(keyId)
      if (entry !== undefined && entry !== current) retire(entry)
    },
    find(keyId, context) {
      if (keyId === current.keyId) return current
      sweep()
      const entry = kept.get(keyId)
      if (entry !== undefined) return entry
      if (retired.has(keyId)) {
        throw new CipherError(`the key ${keyId} was retired`, { reason: 'retired-key' })
      }
      if (onUnknownKey === undefined || isRecent(unknownSince.get(keyId))) throw unknownKey(keyId)
      const under = fetches.get(keyId)
      if (under !== undefined) return under
      if (!mayAsk()) throw unknownKey(keyId)
      return ask(keyId, context)
    },
  }
}
