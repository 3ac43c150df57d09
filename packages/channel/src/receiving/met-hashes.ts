import { SparseSet } from '@reliable-channels/stage/core'
/** Hashes of network messages that the channel need not see again: they came, or are its own. */
export interface MetHashes {
  add(hash: string): void
  has(hash: string): boolean
}

/** @limit The older half is forgotten: if it is looked for something in its time, its messages are read once more. */
const MAX_HASHES = 10_000

/** Makes the memory of hashes. Those of two times are kept apart, since taking single ones out of a set costs more. */
export function createMetHashes(): MetHashes {
  let newer = new SparseSet<string>()
  let older = new SparseSet<string>()
  return {
    add(hash) {
      newer.add(hash)
      if (newer.size < MAX_HASHES / 2) return
      older = newer
      newer = new SparseSet()
    },
    has: (hash) => newer.has(hash) || older.has(hash),
  }
}
