import { BLOCK } from './code.ts'
import type { Engine } from './engine.ts'
import { STRIP_BYTES, SUM_STRIP_BYTES, WORKSPACE_BYTES } from './layout.ts'

/** A piece of every shard, cut out at the same place. */
export interface Strip {
  readonly from: number
  readonly length: number
}

/**
 * Cuts shards of `length` bytes into strips, `rows` of which stay in the processor's cache together with their
 * sums. One row means that shards are only summed up.
 */
export function* strips({ kind }: Engine, length: number, rows: number): Generator<Strip, void> {
  const fitting = Math.floor(WORKSPACE_BYTES / rows / BLOCK) * BLOCK
  const longest = rows === 1 ? SUM_STRIP_BYTES : STRIP_BYTES[kind]
  const pitch = Math.max(BLOCK, Math.min(longest, fitting))
  for (let from = 0; from < length; from += pitch) yield { from, length: Math.min(pitch, length - from) }
}
