import { type Change, type Entry, StoreLockedError } from '@reliable-channels/store'
import type { LimitedStore } from '../outside/limited-store.ts'
import { messageOf } from '../thrown.ts'
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

/** What a channel left in the store. */
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
 * Reads what a channel left in the store, and marks the store with the version of what will be written, and its owner.
 *
 * @throws StoreLoadError, StoreVersionError, StoreOwnerError, StoreLockedError
 */
export async function loadState(
  limited: LimitedStore | undefined,
  channelId: string,
  owner: StoreOwner,
): Promise<StoredState> {
  const { prefix, parts } = emptyState(channelId)
  if (limited === undefined) return { prefix, parts }
  const what = `channel "${channelId}"`
  await loading(what, () => checkMarks(limited, prefix, channelId, owner))
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

/** Says what could not be loaded. That somebody else holds the store needs no other name. */
async function loading<T>(what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const isPlain = [StoreVersionError, StoreOwnerError, StoreLockedError].some(
      (kind) => error instanceof kind,
    )
    if (isPlain) throw error
    throw new StoreLoadError(`the store failed to load ${what}: ${messageOf(error)}`, { cause: error })
  }
}

/** Marks the store with the version of what will be written, and its owner; or finds that they do not do. */
async function checkMarks(
  limited: LimitedStore,
  prefix: string,
  channelId: string,
  owner: StoreOwner,
): Promise<void> {
  const version = (await limited.get(`${prefix}version`))?.[0]
  if (version !== undefined && version > SCHEMA_VERSION) {
    throw new StoreVersionError(
      `the store has version ${version}, this library reads up to ${SCHEMA_VERSION}: update the library`,
    )
  }
  const record = await limited.get(`${prefix}owner`)
  const stored = record && decodeOwner(record)
  if (stored !== undefined) checkOwner(channelId, stored, owner)
  const marks = []
  if (version === undefined) marks.push({ key: `${prefix}version`, value: Uint8Array.of(SCHEMA_VERSION) })
  if (stored === undefined) marks.push({ key: `${prefix}owner`, value: encodeOwner(owner) })
  if (marks.length > 0) await limited.write(marks)
}

/** Deletes all that a channel left in the store, in one write. */
export async function forgetState(limited: LimitedStore, channelId: string): Promise<void> {
  const { prefix } = emptyState(channelId)
  const changes: Change[] = []
  for await (const { key } of limited.entries(prefix)) changes.push({ key, value: undefined })
  if (changes.length > 0) await limited.write(changes)
}
