import { equalBytes } from '@reliable-channels/wire'
import { type Assembled, assemble } from './assemble.ts'
import { type Candidates, type Choice, sufficient } from './choice.ts'
import type { HasherFactory } from './hasher.ts'
import type { Pieces } from './jobs.ts'
import { type SearchBudget, canSpendBlindly, spend } from './search-budget.ts'
import type { Shape } from './segment-set.ts'
import { suspicions } from './suspicions.ts'

/**
 * Makes the payload of any k good segments among those given, as far as the budget goes. A few may be corrupt:
 * parity, contents kept aside and the hash tell which. It works in pieces, between which more segments may come: those
 * given must stay as they are.
 *
 * @param digest the hash of the preferred data segments, where it was computed already
 */
export function* rebuild(
  shape: Shape,
  candidates: Candidates,
  budget: SearchBudget,
  newHasher: HasherFactory,
  digest?: Uint8Array,
): Pieces<Assembled | undefined> {
  if (candidates.size < shape.dataCount) return undefined
  const asTheyCame = chooseFirst(shape, candidates, () => true)
  if (digest !== undefined && equalBytes(digest, shape.hash)) {
    return { parts: asTheyCame.slice(0, shape.dataCount) as Uint8Array[], recovered: false }
  }
  const first = chooseFirst(shape, candidates, lengthsOf(shape, candidates))
  const moreMayCome = candidates.size < shape.dataCount + shape.parityCount
  const tried = function* (choice: Choice, isBlind: boolean): Pieces<Assembled | undefined> {
    const chosen = sufficient(shape, choice)
    if (chosen === undefined) return undefined
    const name = nameOf(chosen, candidates)
    if (budget.failed.has(name)) return undefined
    const size = sizeOf(chosen)
    if (isBlind && moreMayCome && !canSpendBlindly(budget, size)) return undefined
    if (!spend(budget, size)) return undefined
    budget.failed.add(name)
    return yield* assemble(shape, chosen, newHasher)
  }

  if (digest !== undefined) budget.failed.add(nameOf(sufficient(shape, asTheyCame)!, candidates))
  // After a failure the first choice counts as blind: that one more segment agrees proves nothing.
  const assembled = yield* tried(first, budget.failed.size > 0)
  if (assembled !== undefined) return assembled
  for (const suspicion of suspicions(shape, first, candidates, budget)) {
    if (typeof suspicion === 'number') {
      yield suspicion
      continue
    }
    if (budget.trials < 1) return undefined
    const right = yield* tried(suspicion.choice, suspicion.isBlind)
    if (right !== undefined) return right
  }
  return undefined
}

type Admits = (length: number, place: number) => boolean

/** The first content of each place that is of a length to be admitted. */
function chooseFirst({ dataCount, parityCount }: Shape, candidates: Candidates, admits: Admits): Choice {
  return Array.from(
    { length: dataCount + parityCount },
    (_, place) => candidates.get(place)?.find(({ content }) => admits(content.length, place))?.content,
  )
}

/**
 * The length that most have, and for the last data segment any up to it: LIP-243 does not say how long segments are, so
 * that a corrupt one may be of another length.
 */
function lengthsOf({ dataCount }: Shape, candidates: Candidates): Admits {
  const last = dataCount - 1
  const counts = new Map<number, number>()
  let common: number | undefined
  for (const [place, copies] of candidates) {
    if (place === last) continue
    for (const { content } of copies) {
      const count = (counts.get(content.length) ?? 0) + 1
      counts.set(content.length, count)
      if (common === undefined || count > counts.get(common)!) common = content.length
    }
  }
  if (common === undefined) return () => true
  const most = common
  return (length, place) => (place === last ? length <= most : length === most)
}

/** Names a choice by its places and which of their contents are chosen. */
function nameOf(choice: Choice, candidates: Candidates): string {
  return choice
    .flatMap((chosen, place) => {
      if (chosen === undefined) return []
      const copy = candidates.get(place)!.findIndex(({ content }) => content === chosen)
      return [copy === 0 ? place : `${place}.${copy}`]
    })
    .join()
}

function sizeOf(choice: Choice): number {
  let bytes = 0
  for (const content of choice) bytes += content?.length ?? 0
  return bytes
}
