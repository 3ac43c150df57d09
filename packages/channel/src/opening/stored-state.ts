import { type Change, type Entry, StoreLockedError } from '@reliable-channels/store'
import type { LimitedStore } from '../outside/limited-store.ts'
import { hexOf } from '@reliable-channels/wire'
import { reasonOf } from '../thrown.ts'
import { cryptoBytes } from './random-bytes.ts'
import { type StoreOwner, StoreOwnerError, checkOwner, decodeOwner, encodeOwner } from './store-owner.ts'

/** The store failed while a channel was being opened; nothing was opened. */
export class StoreLoadError extends Error {
  override readonly name = 'StoreLoadError'
  readonly code = 'ERR_STORE_LOAD'
}

/** A newer version of the library wrote this state; open it with that version, or use another store. */
export class StoreVersionError extends Error {
  override readonly name = 'StoreVersionError'
  readonly code = 'ERR_STORE_VERSION'
}

/** Version of the keys and records below a channel's prefix. */
const SCHEMA_VERSION = 1

const PARTS = ['sds', 'sealed', 'segments', 'inbox', 'requests', 'hints', 'heard'] as const

/** Which stage an entry belongs to. */
export type StatePart = (typeof PARTS)[number]

/** The state that a channel left in the store. */
export interface StoredState {
  /** Before the keys of this channel. */
  readonly prefix: string
  /** Entries of each part, keys relative to it. */
  readonly parts: Readonly<Record<StatePart, readonly Entry[]>>
}

/** The state of a channel that has left nothing. */
export function emptyState(channelId: string): StoredState {
  // Encoded, so that no channel's keys lie below another's.
  const prefix = `channel/${encodeURIComponent(channelId)}/`
  return {
    prefix,
    parts: { sds: [], sealed: [], segments: [], inbox: [], requests: [], hints: [], heard: [] },
  }
}

/**
 * Marks the store with the version of what will be written, its owner, and an identity of its own, unless it is marked.
 *
 * @param first Runs what marks it, so that nobody else does meanwhile.
 * @returns What the state of this channel in this store, whatever object leads to it, is known by
 * @throws StoreLoadError, StoreVersionError, StoreOwnerError, StoreLockedError
 */
export function markStore(
  limited: LimitedStore,
  channelId: string,
  owner: StoreOwner,
  first: (mark: () => Promise<string>) => Promise<string>,
): Promise<string> {
  return loading(nameOf(channelId), async () => {
    const { identity } = await readMarks(limited, channelId, owner)
    if (identity !== undefined) return identity
    return first(async () => {
      const marks = await readMarks(limited, channelId, owner)
      return marks.identity ?? writeMarks(limited, channelId, owner, marks)
    })
  })
}

/** The identity of a channel's state, if it has been marked. */
export async function identityOf(limited: LimitedStore, channelId: string): Promise<string | undefined> {
  const record = await limited.get(`${emptyState(channelId).prefix}identity`)
  return record && hexOf(record)
}

const nameOf = (channelId: string): string => `channel "${channelId}"`

/**
 * Reads what a channel left in the store.
 *
 * @throws StoreLoadError, StoreLockedError
 */
export async function loadState(limited: LimitedStore | undefined, channelId: string): Promise<StoredState> {
  const { prefix, parts } = emptyState(channelId)
  if (limited === undefined) return { prefix, parts }
  const what = nameOf(channelId)
  const loaded: Record<StatePart, readonly Entry[]> = { ...parts }
  for (const part of PARTS) loaded[part] = await loadPart(limited, `${prefix}${part}/`, what)
  return { prefix, parts: loaded }
}

/**
 * The entries whose keys start with `prefix`, without it.
 *
 * @throws StoreLoadError, StoreLockedError
 */
export function loadPart(limited: LimitedStore, prefix: string, what: string): Promise<readonly Entry[]> {
  return loading(what, async () => {
    const entries: Entry[] = []
    for await (const { key, value } of limited.entries(prefix))
      entries.push({ key: key.slice(prefix.length), value })
    return entries
  })
}

/** Names the thing that could not be loaded in the error. Errors that explain themselves pass unchanged. */
async function loading<T>(what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const isPlain = [StoreVersionError, StoreOwnerError, StoreLockedError].some(
      (kind) => error instanceof kind,
    )
    if (isPlain) throw error
    throw new StoreLoadError(`the store failed to load ${what}: ${reasonOf(error)}`, { cause: error })
  }
}

/** With what a store is marked. */
interface Marks {
  readonly version: number | undefined
  readonly owner: StoreOwner | undefined
  readonly identity: string | undefined
}

/** @throws StoreVersionError, StoreOwnerError when they do not do */
async function readMarks(limited: LimitedStore, channelId: string, owner: StoreOwner): Promise<Marks> {
  const { prefix } = emptyState(channelId)
  const version = (await limited.get(`${prefix}version`))?.[0]
  if (version !== undefined && version > SCHEMA_VERSION) {
    throw new StoreVersionError(
      `the store has version ${version}, this library reads up to ${SCHEMA_VERSION}: update the library`,
    )
  }
  const record = await limited.get(`${prefix}owner`)
  const stored = record && decodeOwner(record)
  if (stored !== undefined) checkOwner(channelId, stored, owner)
  return { version, owner: stored, identity: await identityOf(limited, channelId) }
}

const IDENTITY_BYTES = 16

async function writeMarks(
  limited: LimitedStore,
  channelId: string,
  owner: StoreOwner,
  marks: Marks,
): Promise<string> {
  const { prefix } = emptyState(channelId)
  // Of chance that no test makes come twice.
  const identity = cryptoBytes(IDENTITY_BYTES)
  const changes: Change[] = []
  if (marks.version === undefined)
    changes.push({ key: `${prefix}version`, value: Uint8Array.of(SCHEMA_VERSION) })
  if (marks.owner === undefined) changes.push({ key: `${prefix}owner`, value: encodeOwner(owner) })
  changes.push({ key: `${prefix}identity`, value: identity })
  await limited.write(changes)
  return hexOf(identity)
}

/** Deletes all that a channel left in the store, in one write. */
export async function forgetState(limited: LimitedStore, channelId: string): Promise<void> {
  const { prefix } = emptyState(channelId)
  const changes: Change[] = []
  for await (const { key } of limited.entries(prefix)) changes.push({ key, value: undefined })
  if (changes.length > 0) await limited.write(changes)
}
