import { RollingFilter, bloomHas } from '../../../packages/sds/src/core.ts'
import { type CaseResult, compare, given } from '../checker.ts'
import { type Serialized, picked, serialized } from './serialized.ts'

export interface RollingCase {
  readonly capacity: number
  readonly errorRate: number
  readonly idPrefix: string
  readonly minCapacity?: number
  readonly maxCapacity?: number
  readonly filterCapacity?: number
  readonly checkpoints: readonly {
    afterAdds: number
    capacity?: number
    minCapacity?: number
    maxCapacity?: number
    oldestKept?: string
    messagesLen: number
    kHashes: number
    mBits: number
    filterCapacity: number
    containsFirst: boolean
    containsLast: boolean
    filter: Serialized
  }[]
}

export function checkRolling(name: string, one: RollingCase): CaseResult {
  // The reference takes its defaults for a capacity or rate that makes no sense; here such options are refused.
  const capacity = one.capacity > 0 ? one.capacity : 10_000
  const errorRate = one.errorRate > 0 && one.errorRate < 1 ? one.errorRate : 0.001
  const filter = new RollingFilter('nim', capacity, errorRate)
  const bounds = boundsOf(capacity, errorRate)
  const start = { ...bounds, filterCapacity: filter.parameters.capacity }
  const { idPrefix } = one
  let added = 0
  const results = one.checkpoints.map((checkpoint) => {
    for (; added < checkpoint.afterAdds; added++) filter.insert(idPrefix + added)
    const has = (index: number): boolean => added > 0 && bloomHas(filter.bits, idPrefix + index)
    return {
      messagesLen: filter.count,
      kHashes: filter.parameters.hashCount,
      mBits: filter.parameters.bits,
      filterCapacity: filter.parameters.capacity,
      containsFirst: has(0),
      containsLast: has(added - 1),
      filter: serialized(filter.toWire(), checkpoint.filter),
      ...(given(checkpoint.capacity) && { capacity }),
      ...(given(checkpoint.minCapacity) && { minCapacity: bounds.minCapacity }),
      ...(given(checkpoint.maxCapacity) && { maxCapacity: bounds.maxCapacity }),
      ...(given(checkpoint.oldestKept) && { oldestKept: idPrefix + (added - filter.count) }),
    }
  })
  return compare(
    name,
    [only(start, one), ...results],
    [
      only(one, one),
      ...one.checkpoints.map((c) => ({
        messagesLen: c.messagesLen,
        kHashes: c.kHashes,
        mBits: c.mBits,
        filterCapacity: c.filterCapacity,
        containsFirst: c.containsFirst,
        containsLast: c.containsLast,
        filter: picked(c.filter),
        ...(given(c.capacity) && { capacity: c.capacity }),
        ...(given(c.minCapacity) && { minCapacity: c.minCapacity }),
        ...(given(c.maxCapacity) && { maxCapacity: c.maxCapacity }),
        ...(given(c.oldestKept) && { oldestKept: c.oldestKept }),
      })),
    ],
  )
}

type Bounds = Pick<RollingCase, 'minCapacity' | 'maxCapacity' | 'filterCapacity'>

/** Of these numbers those that the file gives. */
const only = ({ minCapacity, maxCapacity, filterCapacity }: Bounds, file: Bounds): Bounds => ({
  ...(given(file.minCapacity) && { minCapacity }),
  ...(given(file.maxCapacity) && { maxCapacity }),
  ...(given(file.filterCapacity) && { filterCapacity }),
})

/** How many ids a filter holds at most, and how many are left when it is made anew. */
function boundsOf(capacity: number, errorRate: number): { minCapacity: number; maxCapacity: number } {
  const filter = new RollingFilter('nim', capacity, errorRate)
  for (let added = 0; ; added++) {
    const maxCapacity = filter.count
    filter.insert(String(added))
    if (filter.count <= maxCapacity) return { minCapacity: filter.count, maxCapacity }
  }
}
