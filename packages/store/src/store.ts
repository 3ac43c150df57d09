/** One change to a store: a value to keep under a key, or `undefined` to delete the key. */
export interface Change {
  /** Any well-formed string. Keys are ordered by their UTF-8 bytes. */
  readonly key: string
  /** The bytes to keep. They must not be changed afterwards. `undefined` deletes. */
  readonly value: Uint8Array | undefined
}

/** One entry of a store. */
export interface Entry {
  readonly key: string
  readonly value: Uint8Array
}

/** An entry that was damaged on the medium. */
export interface CorruptEntry {
  /** The key; the prefix that was listed when the store cannot tell which entries it lost (`unreadable`). */
  readonly key: string
  /**
   * `truncated`: shorter than any entry. `checksum`: its bytes are not those that were written.
   * `unreadable`: a block of the medium cannot be read, which may have held several entries.
   */
  readonly reason: CorruptReason
}

/** Why a stored entry cannot be read; see {@link CorruptEntry}. */
export type CorruptReason = 'truncated' | 'checksum' | 'unreadable'

/**
 * A small key–value store with atomic writes: what a stage needs to survive a crash.
 *
 * Every method rejects with the adapter's own error when the medium fails.
 * Everything rejects after {@link Store.close}, a listing under way included.
 */
export interface Store {
  /**
   * Whether each entry carries a check of its own, so that none is handed out that is not what was written. Around a store
   * that does not say so a channel puts {@link checkedStore}.
   */
  readonly checksEntries?: boolean
  /**
   * The value kept under `key`, or `undefined`: always so where it is no well-formed string.
   *
   * @param onCorrupt Told when there is none because it is damaged, by stores that notice.
   */
  get(key: string, onCorrupt?: (entry: CorruptEntry) => void): Promise<Uint8Array | undefined>
  /**
   * Applies all `changes`, in order (the last change of a key wins), or none of them.
   * Writes apply in the order in which they were asked for.
   * A write that was rejected may be tried again, and must be: none of it was applied, or, rarely, all of it.
   * When it resolves they survive the end of the process; what survives a loss of power is for the adapter to say.
   */
  write(changes: readonly Change[]): Promise<void>
  /**
   * The entries whose keys start with `prefix`, ordered by key, as they were at one moment.
   *
   * @param onCorrupt Told of each entry that is passed over because it is damaged, by stores that notice.
   */
  entries(prefix: string, onCorrupt?: (entry: CorruptEntry) => void): AsyncIterable<Entry>
  /** Waits for writes under way and lets go of the medium. Closing twice is allowed. */
  close(): Promise<void>
}
