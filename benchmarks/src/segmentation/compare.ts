import { measure } from '../measure.ts'

/** A piece of work. What it makes must be kept or folded. */
export type Work = () => void

/**
 * CPU time in ns of each work. They take turns for several rounds and the best of each counts, so that what
 * else the machine does hits all alike. The clock of CPU time ticks every 4 ms, so rounds are not short.
 */
export function compare<Name extends string>(
  works: Readonly<Record<Name, Work>>,
  rounds = 11,
): Record<Name, number> {
  const names = Object.keys(works) as Name[]
  const best = Object.fromEntries(names.map((name) => [name, Number.POSITIVE_INFINITY])) as Record<
    Name,
    number
  >
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const work = works[name]
      const ns = measure(
        (times) => {
          for (let i = 0; i < times; i++) work()
        },
        { rounds: 1, roundMs: 80 },
      )
      best[name] = Math.min(best[name], ns)
    }
  }
  return best
}

/** MB/s of work that takes `ns` for `bytes`. */
export function rate(bytes: number, ns: number): number {
  return (bytes / ns) * 1000
}
