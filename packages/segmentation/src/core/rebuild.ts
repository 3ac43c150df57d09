import { type Assembled, type Choice, assemble, dataParts } from './assemble.ts'
import { SHARD_ALIGNMENT_BYTES } from './dialect.ts'
import type { HasherFactory } from './hasher.ts'
import { encodeParityOf } from './parity.ts'
import { type SearchBudget, spend } from './search-budget.ts'
import { type Shape, equalBytes } from './segment-set.ts'

/** Contents by place in wire order, those to be preferred first. */
export type Candidates = ReadonlyMap<number, readonly { readonly content: Uint8Array }[]>

/** Most pairs of segments that are tried as the corrupt ones. */
const MAX_PAIRS = 512

/** Trials that are left for when more segments have come, which makes finding the corrupt ones easier. */
const TRIALS_IN_RESERVE = 8

/**
 * Makes the payload of any k good segments among those given, as far as the budget goes. A few may be corrupt:
 * parity, contents kept aside and the hash tell which.
 *
 * @param digest the hash of the preferred data segments, where it was computed already
 */
export function rebuild(
  shape: Shape,
  candidates: Candidates,
  budget: SearchBudget,
  newHasher: HasherFactory,
  digest?: Uint8Array,
): Assembled | undefined {
  if (candidates.size < shape.dataCount) return undefined
  const first = firstChoice(shape, candidates)
  if (digest !== undefined && equalBytes(digest, shape.hash)) {
    return { parts: first.slice(0, shape.dataCount) as Uint8Array[], recovered: false }
  }
  const tried = (chosen: Choice): Assembled | undefined =>
    spend(budget, sizeOf(chosen)) ? assemble(shape, chosen, newHasher) : undefined

  const preferred = sufficient(shape, first)!
  const places = placesOf(preferred)
  if (digest === undefined && budget.failedPlaces !== places) {
    const assembled = tried(preferred)
    if (assembled !== undefined) return assembled
  }
  budget.failedPlaces = places
  const moreMayCome = candidates.size < shape.dataCount + shape.parityCount
  for (const { choice, isBlind } of suspicions(shape, first, candidates)) {
    const chosen = sufficient(shape, choice)
    if (chosen === undefined) continue
    if (isBlind && moreMayCome && budget.trials <= TRIALS_IN_RESERVE) return undefined
    if (budget.trials < 1) return undefined
    const assembled = tried(chosen)
    if (assembled !== undefined) return assembled
  }
  return undefined
}

/** Contents to try instead of the preferred ones. */
interface Suspicion {
  readonly choice: Choice
  /** Nothing but the hash can tell whether it is right, as there is no segment left over that could agree with it. */
  readonly isBlind: boolean
}

/** What to try when the preferred contents turned out wrong, likeliest first. */
function* suspicions(shape: Shape, first: Choice, candidates: Candidates): Generator<Suspicion, void> {
  for (const [place, copies] of candidates) {
    for (const { content } of copies.slice(1)) yield { choice: first.with(place, content), isBlind: false }
  }
  const spare = candidates.size - shape.dataCount
  if (spare < 1) return
  const places = [...candidates.keys()]
  if (spare === 1) {
    // Any k of them agree with each other.
    for (const place of places) {
      if (isChosen(shape, first, place)) yield { choice: without(first, place), isBlind: true }
    }
    return
  }
  const from = firstDisagreement(shape, first)
  if (from === undefined) return
  const strip = first.map((content) => content && stripOf(content, from))
  for (const place of places) {
    if (agree(shape, without(strip, place))) yield { choice: without(first, place), isBlind: false }
  }
  let pairs = 0
  for (const [i, one] of places.entries()) {
    for (const other of places.slice(i + 1)) {
      if (++pairs > MAX_PAIRS) return
      if (agree(shape, without(strip, one, other))) {
        yield { choice: without(first, one, other), isBlind: spare === 2 }
      }
    }
  }
}

function without(choice: Choice, ...places: readonly number[]): Choice {
  return choice.map((content, place) => (places.includes(place) ? undefined : content))
}

function firstChoice({ dataCount, parityCount }: Shape, candidates: Candidates): Choice {
  return Array.from({ length: dataCount + parityCount }, (_, place) => candidates.get(place)?.[0]?.content)
}

/** As many of the chosen as it takes: all data, then parity for what is missing. */
function sufficient({ dataCount }: Shape, choice: Choice): Choice | undefined {
  let missing = dataCount
  const chosen = choice.map((content) => {
    if (content === undefined || missing === 0) return undefined
    missing--
    return content
  })
  return missing === 0 ? chosen : undefined
}

function isChosen(shape: Shape, choice: Choice, place: number): boolean {
  return sufficient(shape, choice)?.[place] !== undefined
}

function placesOf(choice: Choice): string {
  return choice.flatMap((content, place) => (content === undefined ? [] : [place])).join(',')
}

function sizeOf(choice: Choice): number {
  let bytes = 0
  for (const content of choice) bytes += content?.length ?? 0
  return bytes
}

/** Whether all segments of the choice belong to one code word. */
function agree(shape: Shape, choice: Choice): boolean {
  return firstDisagreement(shape, choice) === undefined
}

/** Where a segment first differs from what the others say it should be: start of that 64-byte block. */
function firstDisagreement(shape: Shape, choice: Choice): number | undefined {
  const chosen = sufficient(shape, choice)
  // The payload's length says nothing of strips, and nothing that matters here of whole shards.
  const shards = chosen && dataParts({ ...shape, lengthBytes: undefined }, chosen)
  const shardBytes = choice.slice(shape.dataCount).find((content) => content !== undefined)?.length
  if (shards === undefined || shardBytes === undefined) return undefined
  const parity = encodeParityOf(shards, shape.parityCount, shardBytes)
  let first: number | undefined
  parity.forEach((expected, index) => {
    const held = choice[shape.dataCount + index]
    if (held?.length !== shardBytes) return
    const at = held.findIndex((byte, offset) => byte !== expected[offset])
    if (at >= 0) first = Math.min(first ?? Infinity, at - (at % SHARD_ALIGNMENT_BYTES))
  })
  return first
}

function stripOf(content: Uint8Array, from: number): Uint8Array {
  const strip = new Uint8Array(SHARD_ALIGNMENT_BYTES)
  strip.set(content.subarray(from, from + SHARD_ALIGNMENT_BYTES))
  return strip
}
