import type { Entry, Store } from '@reliable-channels/store'

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

/**
 * Reads what a channel left in the store, and marks the store with the version of what will be written.
 *
 * @throws StoreLoadError, StoreVersionError
 */
export async function loadState(store: Store | undefined, channelId: string): Promise<StoredState> {
  // Encoded, so that no channel's keys lie below another's.
  const prefix = `channel/${encodeURIComponent(channelId)}/`
  const parts = Object.fromEntries(PARTS.map((part) => [part, []])) as unknown as Record<StatePart, Entry[]>
  if (store === undefined) return { prefix, parts }
  try {
    await checkVersion(store, `${prefix}version`)
    for (const part of PARTS) {
      const start = `${prefix}${part}/`
      for await (const { key, value } of store.entries(start))
        parts[part].push({ key: key.slice(start.length), value })
    }
  } catch (error) {
    if (error instanceof StoreVersionError) throw error
    throw new StoreLoadError(`the store failed to load channel "${channelId}"`, { cause: error })
  }
  return { prefix, parts }
}

async function checkVersion(store: Store, key: string): Promise<void> {
  const version = (await store.get(key))?.[0]
  if (version === undefined) await store.write([{ key, value: Uint8Array.of(SCHEMA_VERSION) }])
  else if (version > SCHEMA_VERSION) {
    throw new StoreVersionError(
      `the store has version ${version}, this library reads up to ${SCHEMA_VERSION}: update the library`,
    )
  }
}
