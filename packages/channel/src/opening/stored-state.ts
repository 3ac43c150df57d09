import { type Change, type CorruptEntry, type Entry, StoreLockedError } from '@reliable-channels/store'
import type { LimitedStore } from '../outside/limited-store.ts'
import { hexOf } from '@reliable-channels/wire'
import { UNREADABLE } from '../core/record.ts'
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

const PARTS = [
  'sds',
  'sealed',
  'segments',
  'inbox',
  'requests',
  'hints',
  'heard',
  'receipts',
  'writes',
] as const

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
  return { prefix, parts: NOTHING }
}

/** One for all channels that have left nothing. */
const NOTHING = Object.fromEntries(PARTS.map((part) => [part, []])) as never as StoredState['parts']

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
  onCorrupt: (key: string, reason: string) => void,
  first: (mark: () => Promise<string>) => Promise<string>,
): Promise<string> {
  return loading(nameOf(channelId), async () => {
    const { identity, owner: known } = await readMarks(limited, channelId, owner, onCorrupt)
    if (identity !== undefined && known !== undefined) return identity
    return first(async () => {
      const marks = await readMarks(limited, channelId, owner, () => {})
      if (marks.identity !== undefined && marks.owner !== undefined) return marks.identity
      return writeMarks(limited, channelId, owner, marks)
    })
  })
}

/** The identity of a channel's state, if it has been marked. */
export async function identityOf(
  limited: LimitedStore,
  channelId: string,
  onCorrupt?: (entry: CorruptEntry) => void,
): Promise<string | undefined> {
  const record = await limited.get(`${emptyState(channelId).prefix}identity`, onCorrupt)
  return record && hexOf(record)
}

const nameOf = (channelId: string): string => `channel "${channelId}"`

/**
 * Reads what a channel left in the store.
 *
 * @throws StoreLoadError, StoreLockedError
 */
export async function loadState(
  limited: LimitedStore | undefined,
  channelId: string,
  onUnreadable: (part: string, reason: string) => void,
): Promise<StoredState> {
  const { prefix, parts } = emptyState(channelId)
  if (limited === undefined) return { prefix, parts }
  const what = nameOf(channelId)
  const loaded: Record<StatePart, readonly Entry[]> = { ...parts }
  for (const part of PARTS) {
    const unreadable = (_: string, reason: string): void => onUnreadable(part, reason)
    loaded[part] = await loadPart(limited, `${prefix}${part}/`, what, unreadable)
  }
  return { prefix, parts: loaded }
}

/**
 * The entries whose keys start with `prefix`, without it. One that the store found damaged is there without a value, for
 * whoever it belongs to: its key may tell what it was.
 *
 * @param onUnreadable Told when the store cannot say which entries it lost.
 * @throws StoreLoadError, StoreLockedError
 */
export function loadPart(
  limited: LimitedStore,
  prefix: string,
  what: string,
  onUnreadable: (prefix: string, reason: string) => void,
): Promise<readonly Entry[]> {
  return loading(what, async () => {
    const entries: Entry[] = []
    const onCorrupt = ({ key, reason }: CorruptEntry): void => {
      if (reason === 'unreadable') onUnreadable(prefix, reason)
      else entries.push({ key: key.slice(prefix.length), value: DAMAGED })
    }
    for await (const { key, value } of limited.entries(prefix, onCorrupt))
      entries.push({ key: key.slice(prefix.length), value })
    return entries
  })
}

/** No record is empty. */
const DAMAGED = new Uint8Array(0)

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
async function readMarks(
  limited: LimitedStore,
  channelId: string,
  owner: StoreOwner,
  onCorrupt: (key: string, reason: string) => void,
): Promise<Marks> {
  const { prefix } = emptyState(channelId)
  const damaged = ({ key, reason }: CorruptEntry): void => onCorrupt(key.slice(prefix.length), reason)
  const version = (await limited.get(`${prefix}version`, damaged))?.[0]
  if (version !== undefined && version > SCHEMA_VERSION) {
    throw new StoreVersionError(
      `the store has version ${version}, this library reads up to ${SCHEMA_VERSION}: update the library`,
    )
  }
  const record = await limited.get(`${prefix}owner`, damaged)
  const stored = record && decodeOwner(record)
  if (record !== undefined && stored === undefined) onCorrupt('owner', UNREADABLE)
  if (stored !== undefined) checkOwner(channelId, stored, owner)
  return { version, owner: stored, identity: await identityOf(limited, channelId, damaged) }
}

const IDENTITY_BYTES = 16

async function writeMarks(
  limited: LimitedStore,
  channelId: string,
  owner: StoreOwner,
  marks: Marks,
): Promise<string> {
  const { prefix } = emptyState(channelId)
  const changes: Change[] = []
  if (marks.version === undefined)
    changes.push({ key: `${prefix}version`, value: Uint8Array.of(SCHEMA_VERSION) })
  if (marks.owner === undefined) changes.push({ key: `${prefix}owner`, value: encodeOwner(owner) })
  // Of chance that no test makes come twice.
  const identity = marks.identity === undefined ? cryptoBytes(IDENTITY_BYTES) : undefined
  if (identity !== undefined) changes.push({ key: `${prefix}identity`, value: identity })
  await limited.write(changes)
  return marks.identity ?? hexOf(identity!)
}

/** Deletes all that a channel left in the store, in one write. */
export async function forgetState(limited: LimitedStore, channelId: string): Promise<void> {
  const { prefix } = emptyState(channelId)
  const changes: Change[] = []
  const add = ({ key }: { readonly key: string }): void => void changes.push({ key, value: undefined })
  // The damaged ones as well; of what is unreadable the key is only the prefix.
  for await (const entry of limited.entries(prefix, add)) add(entry)
  if (changes.length > 0) await limited.write(changes)
}
