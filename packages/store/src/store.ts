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

/**
 * A small key–value store with atomic writes: what a stage needs to survive a crash.
 *
 * Every method rejects with the adapter's own error when the medium fails.
 * Everything rejects after {@link Store.close}, a listing under way included.
 */
export interface Store {
  /** The value kept under `key`, or `undefined`: always so where it is no well-formed string. */
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * Applies all `changes`, in order (the last change of a key wins), or none of them.
   * Writes apply in the order in which they were asked for.
   * A write that was rejected may be tried again, and must be: none of it was applied, or, rarely, all of it.
   * When it resolves they survive the end of the process; what survives a loss of power is for the adapter to say.
   */
  write(changes: readonly Change[]): Promise<void>
  /** The entries whose keys start with `prefix`, ordered by key, as they were at one moment. */
  entries(prefix: string): AsyncIterable<Entry>
  /** Waits for writes under way and lets go of the medium. Closing twice is allowed. */
  close(): Promise<void>
}
