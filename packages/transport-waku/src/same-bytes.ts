import { equalBytes } from '@reliable-channels/wire'

type SameBytes = (a: Uint8Array, b: Uint8Array) => boolean

interface MaybeNode {
  readonly Buffer?: { compare?(a: Uint8Array, b: Uint8Array): number }
}

/** Comparison by the platform, a hundred times as fast; `undefined` where there is none, as in a browser. */
export function findNodeCompare(scope: MaybeNode = globalThis as MaybeNode): SameBytes | undefined {
  const compare = scope.Buffer?.compare
  return compare && ((a, b) => a.length === b.length && compare(a, b) === 0)
}

/** Whether both hold the same bytes. */
export const sameBytes: SameBytes = findNodeCompare() ?? equalBytes
