/** How many elements GF(2^16) has: the longest code, with the parity count rounded up to a power of two. */
const LONGEST = 65_536

/** Shards are processed in blocks of this many bytes. */
export const BLOCK = 64

/** Which of Leopard's four ways makes the parity. */
export type CodePath = 'copy' | 'xor' | 'ff8' | 'ff16'

/** One code: how many shards of either kind, and how they lie in the field. */
export interface Code {
  readonly dataCount: number
  readonly parityCount: number
  readonly path: CodePath
  /** The parity count rounded up to a power of two. Parity i is the element i, data j is `span + j`. */
  readonly span: number
}

/** The numbers of data and parity shards do not make a code. */
export class LeopardCountError extends RangeError {
  override readonly name = 'LeopardCountError'
  readonly code = 'ERR_LEOPARD_COUNT'
}

/**
 * The code of `dataCount` data and `parityCount` parity shards.
 *
 * @throws {@link LeopardCountError} unless 1 ≤ parityCount ≤ dataCount and
 *   dataCount + nextPowerOfTwo(parityCount) ≤ 65,536
 */
export function codeOf(dataCount: number, parityCount: number): Code {
  if (!Number.isInteger(dataCount) || dataCount < 1) {
    throw new LeopardCountError(`expected at least 1 data shard, got ${dataCount}`)
  }
  if (!Number.isInteger(parityCount) || parityCount < 1 || parityCount > dataCount) {
    throw new LeopardCountError(
      `expected 1 to ${dataCount} parity shards for ${dataCount} data shards, got ${parityCount}`,
    )
  }
  const span = nextPowerOfTwo(parityCount)
  if (dataCount + span > LONGEST) {
    throw new LeopardCountError(
      `expected data shards plus parity shards rounded up to a power of two to be at most ${LONGEST}, ` +
        `got ${dataCount} + ${span}; send fewer, larger shards`,
    )
  }
  return { dataCount, parityCount, span, path: pathOf(dataCount, parityCount, span) }
}

function pathOf(dataCount: number, parityCount: number, span: number): CodePath {
  if (dataCount === 1) return 'copy'
  if (parityCount === 1) return 'xor'
  return nextPowerOfTwo(dataCount + span) <= 256 ? 'ff8' : 'ff16'
}

/** The smallest power of two that is not below `count`. */
export function nextPowerOfTwo(count: number): number {
  return count <= 1 ? 1 : 2 ** (32 - Math.clz32(count - 1))
}
