import type { Uint64 } from '@reliable-channels/wire'

/** Where segments stand in the order of their sender: from the first to the last of those that tell. */
export interface Span {
  readonly first?: Uint64 | undefined
  readonly last?: Uint64 | undefined
}

/** Those that tell nothing. */
export const NOWHERE: Span = {}

/** The span with one segment more. */
export function widened(span: Span, at: Uint64 | undefined): Span {
  if (at === undefined) return span
  const { first = at, last = at } = span
  return at >= first && at <= last && span.first !== undefined
    ? span
    : { first: at < first ? at : first, last: at > last ? at : last }
}

/** So far above a place. */
export function above(at: Uint64, distance: number): Uint64 {
  const sum = Number(at) + distance
  return Number.isSafeInteger(sum) ? sum : BigInt(at) + BigInt(distance)
}

/** How far from a span a segment stands; 0 where one of them does not tell. */
export function distanceOf({ first, last }: Span, at: Uint64 | undefined): number {
  return Math.max(0, Number(first) - Number(at), Number(at) - Number(last)) || 0
}
