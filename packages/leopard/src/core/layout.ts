/** Rows of a strip may take this much together, so that they stay in the processor's cache. */
export const WORKSPACE_BYTES = 524_288

/** Bytes of each shard that are worked on at a time. */
export const STRIP_BYTES = 4096

/** How the memory of a kernel is divided: the multiplication tables, then the workspace. */
export interface Layout {
  /** Size of the tables of one constant: sixteen products for each nibble of a symbol. */
  readonly tableBytes: number
  /** Where the workspace begins, behind a table for each element of the field. */
  readonly workspace: number
  readonly initialBytes: number
  readonly maximumBytes: number
}

/** The layout for a field of 2^bits elements. */
export function layoutOf(bits: 8 | 16): Layout {
  const tableBytes = bits === 8 ? 32 : 128
  const workspace = 2 ** bits * tableBytes
  // The longest transforms work on 2 · 32,768 rows of 64 bytes to encode, on 65,537 to decode.
  const longest = bits === 8 ? 2 * WORKSPACE_BYTES : 65_536 * 64 + 65_536
  return { tableBytes, workspace, initialBytes: workspace, maximumBytes: workspace + longest }
}
