import { dataParts } from './assemble.ts'
import { type Candidates, type Choice, sufficient } from './choice.ts'
import { SHARD_ALIGNMENT_BYTES } from './dialect.ts'
import { type Pieces, cut } from './jobs.ts'
import { encodeParityOf } from './parity.ts'
import type { SearchBudget } from './search-budget.ts'
import type { Shape } from './segment-set.ts'

/** Segments that may be looked at in one search for corrupt ones. */
const EFFORT = 16_384
/** What it costs to look at one strip of a segment, in bytes hashed. */
const STRIP_COST_BYTES = 256

/** Contents to try instead of the preferred ones. */
interface Suspicion {
  readonly choice: Choice
  /** Nothing but the hash can tell whether it is right, as there is no segment left over that could agree with it. */
  readonly isBlind: boolean
}

/**
 * Choices to try when the preferred contents turned out wrong, likeliest first. Between them it yields the bytes that
 * looking for them has taken.
 */
export function* suspicions(
  shape: Shape,
  first: Choice,
  candidates: Candidates,
  budget: SearchBudget,
): Generator<Suspicion | number, void> {
  for (const [place, copies] of candidates) {
    for (const { content } of copies.slice(1)) yield { choice: first.with(place, content), isBlind: false }
  }
  const places = [...first.keys()].filter((place) => first[place] !== undefined)
  const spare = places.length - shape.dataCount
  const isLast = candidates.size === shape.dataCount + shape.parityCount
  if (spare < 1 || !(isLast || spare >= budget.nextSpare)) return
  while (budget.nextSpare <= spare) budget.nextSpare *= 2
  if (spare === 1) {
    // Any k of them agree with each other.
    for (const place of places) yield { choice: without(first, [place]), isBlind: true }
    return
  }
  const from = yield* firstDisagreement(shape, first)
  if (from === undefined) return
  // Without a group of this size there is one segment more than rebuilding takes: if those agree, all are good.
  const strip = first.map((content) => content && stripOf(content, from))
  const eachOnce = isLast ? Math.ceil(places.length / (spare - 1)) : 0
  const checks = Math.max(eachOnce, Math.floor(EFFORT / places.length))
  for (const group of groups(places, spare - 1, checks)) {
    const disagreement = yield* firstDisagreement(shape, without(strip, group))
    if (disagreement === undefined) yield { choice: without(first, group), isBlind: false }
    yield places.length * STRIP_COST_BYTES
  }
}

/** Groups of places: first such that each place is in one of them, then at random. */
function* groups(places: readonly number[], size: number, count: number): Generator<readonly number[], void> {
  let made = 0
  for (let at = 0; at < places.length && made < count; at += size, made++) yield places.slice(at, at + size)
  if (size === 1) return
  const shuffled = [...places]
  let state = places.length
  for (; made < count; made++) {
    for (let i = 0; i < size; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const j = i + Math.floor((state / 2 ** 32) * (shuffled.length - i))
      ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
    }
    yield shuffled.slice(0, size)
  }
}

function without(choice: Choice, places: readonly number[]): Choice {
  return choice.map((content, place) => (places.includes(place) ? undefined : content))
}

/**
 * Where a segment first differs from what the others say it should be: start of that 64-byte block. `undefined` where all
 * belong to one code word.
 */
function* firstDisagreement(shape: Shape, choice: Choice): Pieces<number | undefined> {
  const chosen = sufficient(shape, choice)
  // The payload's length says nothing of strips, and nothing that matters here of whole shards.
  const shards = chosen && (yield* dataParts({ ...shape, lengthBytes: undefined }, chosen))
  const shardBytes = choice.slice(shape.dataCount).find((content) => content !== undefined)?.length
  if (shards === undefined || shardBytes === undefined) return undefined
  const parity = yield* encodeParityOf(shards, shape.parityCount, shardBytes)
  let first = shardBytes
  for (const [index, expected] of parity.entries()) {
    const held = choice[shape.dataCount + index]
    if (held?.length !== shardBytes) continue
    const at = yield* firstDifference(held.subarray(0, first), expected)
    if (at !== undefined) first = at - (at % SHARD_ALIGNMENT_BYTES)
  }
  return first === shardBytes ? undefined : first
}

/** The first place where an array differs from another that is at least as long. */
function* firstDifference(bytes: Uint8Array, expected: Uint8Array): Pieces<number | undefined> {
  for (const piece of cut(bytes)) {
    const start = piece.byteOffset - bytes.byteOffset
    const at = piece.findIndex((byte, offset) => byte !== expected[start + offset])
    if (at >= 0) return start + at
    yield piece.length
  }
  return undefined
}

function stripOf(content: Uint8Array, from: number): Uint8Array {
  const strip = new Uint8Array(SHARD_ALIGNMENT_BYTES)
  strip.set(content.subarray(from, from + SHARD_ALIGNMENT_BYTES))
  return strip
}
