/** Rows of a strip may take this much together, so that they stay in the processor's cache. */
export const WORKSPACE_BYTES = 823_296

/**
 * Bytes of each shard that are worked on at a time, at most. Long runs are copied faster, and 16 rows with their
 * sums still fit into 1 MiB; TypeScript would keep the event loop waiting for too long. No power of two: rows
 * would evict each other.
 */
export const STRIP_BYTES = { wasm: 25_664, typescript: 12_352 } as const

/** The same where shards are only summed up: two rows stay in the smallest cache. */
export const SUM_STRIP_BYTES = 12_352

/** How the memory of an engine is divided: multiplication tables, rows to work on, rows of sums. */
export interface ShardLayout {
  /** Size of the tables of one constant: sixteen products for each nibble of a symbol. */
  readonly tableBytes: number
  /** Where the rows begin, behind a table for each element of the field. */
  readonly rows: number
  /** From the rows to their sums: behind the most that an encoder needs, and elsewhere in the cache. */
  readonly sumOffset: number
  readonly maximumBytes: number
}

/** The layout for a field of 2^bits elements. */
export function layoutOf(bits: 8 | 16): ShardLayout {
  const tableBytes = bits === 8 ? 32 : 128
  const rows = 2 ** bits * tableBytes
  // The longest transforms work on 32,768 rows of 64 bytes to encode, on 65,537 to decode.
  const longest = bits === 8 ? WORKSPACE_BYTES : 2_097_152
  // A multiple of 4096 plus 2048: sums and rows would evict each other too.
  const sumOffset = longest + 2048
  return { tableBytes, rows, sumOffset, maximumBytes: rows + 2 * sumOffset }
}
