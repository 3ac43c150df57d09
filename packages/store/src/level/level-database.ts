/** Encodings of every operation: bytes as they are. */
export const VIEWS = { keyEncoding: 'view', valueEncoding: 'view' } as const

type Views = typeof VIEWS

/** One change, as bytes. */
export type LevelOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

/** Bounds of keys. */
export interface LevelRange {
  readonly gte?: Uint8Array
  readonly lt?: Uint8Array
}

/** The part of an iterator that is used. */
export interface LevelIterator {
  nextv(size: number): Promise<[Uint8Array, Uint8Array][]>
  all(): Promise<[Uint8Array, Uint8Array][]>
  seek(target: Uint8Array): void
  close(): Promise<void>
}

/**
 * Any database of the abstract-level family, version 3: the part of `AbstractLevel` that is used.
 * Its own encodings do not matter, because each operation names those that it needs.
 */
export interface LevelDatabase {
  readonly status: string
  readonly supports: { readonly implicitSnapshots: boolean }
  open(): Promise<void>
  close(): Promise<void>
  get(key: Uint8Array, options: Views): Promise<Uint8Array | undefined>
  batch(operations: LevelOperation[], options: Views & { readonly sync?: boolean }): Promise<void>
  iterator(options: LevelRange & Views): LevelIterator
}
