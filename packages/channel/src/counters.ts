/** How often each thing happened, by reason. */
export interface Counters {
  add(reason: string): void
  /** A copy of the counts. */
  snapshot(): Readonly<Record<string, number>>
}

export function createCounters(): Counters {
  const counts = new Map<string, number>()
  return {
    add: (reason) => void counts.set(reason, (counts.get(reason) ?? 0) + 1),
    snapshot: () => Object.fromEntries(counts),
  }
}
