/** Hashes of network messages that the channel need not see again: they came, or are its own. */
export interface MetHashes {
  add(hash: string): void
  has(hash: string): boolean
}

/** @limit The oldest hash is forgotten: if it is looked for something in its time, its message is read once more. */
const MAX_HASHES = 10_000

/** Makes the memory of hashes. */
export function createMetHashes(): MetHashes {
  const hashes = new Set<string>()
  const oldest = hashes.values()
  return {
    add(hash) {
      hashes.add(hash)
      if (hashes.size > MAX_HASHES) hashes.delete(oldest.next().value!)
    },
    has: (hash) => hashes.has(hash),
  }
}
