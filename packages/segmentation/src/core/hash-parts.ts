import type { Keccak256 } from '@reliable-channels/keccak'
import { type Pieces, cut } from './jobs.ts'

/** Hashes one part after the other. */
export function* hashParts(hasher: Keccak256, parts: readonly Uint8Array[]): Pieces<void> {
  for (const part of parts)
    for (const piece of cut(part)) {
      hasher.update(piece)
      yield piece.length
    }
}
