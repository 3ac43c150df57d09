import { type SchedulerLike, asyncScheduler } from 'rxjs'
import type { CipherContext } from './cipher.ts'
import { checkKey, keyIdOf } from './core/key-id.ts'
import { CipherError } from './errors.ts'
import { CipherOptionError } from './guard.ts'

/** A key and the id under which frames name it. */
export interface RingKey {
  readonly keyId: string
  readonly key: Uint8Array
}

/** Options of {@link createKeyRing}. */
export interface KeyRingOptions {
  /** The newest first: it seals; all of them open. Copied. */
  readonly keys: readonly Uint8Array[]
  /** A key is dropped when it has been replaced and that many rotations followed; at least 0. @default 3 */
  readonly keepRotations?: number
  /** A key is dropped that long (ms) after it was replaced. @default Infinity */
  readonly keepMs?: number
  /**
   * Called for a key id that a frame names and the ring does not have. What it returns is kept if its id is that one.
   * Asked once at a time for an id, for at most 16 ids at once; an answer of `undefined` stands for `unknownMs`.
   */
  readonly onUnknownKey?: (
    keyId: string,
    context: CipherContext,
  ) => Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** How long (ms) a key id that nobody knew is not asked for again. @default 60_000 */
  readonly unknownMs?: number
  /** Source of time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
}

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
  /** The rotation by which it was, or will be, replaced at the latest; what follows counts. */
  rotation: number
  /** When it was replaced, or came to be accepted. */
  since: number
}

/** Keys that open, at most; the longest kept goes first. */
const MAX_KEPT = 64
/** Ids of dropped keys, and ids that nobody knew, that are remembered. */
const MAX_REMEMBERED = 1024
const MAX_FETCHES = 16

/** Makes a {@link KeyRing}. Keys that it drops are overwritten with zeros. */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  const {
    keys,
    keepRotations = 3,
    keepMs = Infinity,
    onUnknownKey,
    unknownMs = 60_000,
    scheduler = asyncScheduler,
  } = options
  if (keys.length === 0) throw new CipherOptionError('"keys" expected at least one key, got none')
  if (!(keepRotations >= 0)) {
    throw new CipherOptionError(`"keepRotations" expected a number from 0, got ${keepRotations}`)
  }
  if (!(keepMs >= 0)) throw new CipherOptionError(`"keepMs" expected a number from 0, got ${keepMs}`)

  const kept = new Map<string, Kept>()
  const retired = new Set<string>()
  const unknownUntil = new Map<string, number>()
  const fetches = new Map<string, Promise<RingKey>>()
  let rotation = 0

  const keep = (key: Uint8Array): Kept => {
    const keyId = keyIdOf(key)
    const known = kept.get(keyId)
    if (known?.key.some((byte, i) => byte !== key[i])) {
      throw new CipherOptionError(`two keys with the id ${keyId}: make another key`)
    }
    const entry = known ?? { keyId, key: Uint8Array.from(key), rotation: 0, since: 0 }
    entry.rotation = rotation + 1
    entry.since = scheduler.now()
    kept.set(keyId, entry)
    retired.delete(keyId)
    unknownUntil.delete(keyId)
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
    for (const entry of kept.values()) {
      if (entry === current) continue
      if (kept.size > MAX_KEPT || rotation - entry.rotation >= keepRotations || now - entry.since > keepMs)
        retire(entry)
    }
  }
  const unknown = (keyId: string): CipherError =>
    new CipherError(`no key with the id ${keyId}`, { reason: 'unknown-key' })

  const fetch = async (keyId: string, context: CipherContext): Promise<RingKey> => {
    const key = await onUnknownKey!(keyId, context)
    if (key === undefined) {
      unknownUntil.set(keyId, scheduler.now() + unknownMs)
      remember(unknownUntil)
      throw unknown(keyId)
    }
    checkKey(key)
    if (keyIdOf(key) !== keyId) {
      throw new CipherError(`onUnknownKey gave the key ${keyIdOf(key)} for ${keyId}`, {
        reason: 'unknown-key',
      })
    }
    return keep(key)
  }

  for (const key of keys.toReversed()) keep(key)
  let current = kept.get(keyIdOf(keys[0]!))!

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
      current.rotation = rotation
      current.since = scheduler.now()
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
      if (onUnknownKey === undefined || (unknownUntil.get(keyId) ?? -Infinity) > scheduler.now()) {
        throw unknown(keyId)
      }
      const under = fetches.get(keyId)
      if (under !== undefined) return under
      if (fetches.size >= MAX_FETCHES) throw unknown(keyId)
      const fetching = fetch(keyId, context).finally(() => fetches.delete(keyId))
      fetches.set(keyId, fetching)
      return fetching
    },
  }
}
