import { bundleChild } from './bundle.ts'
import { type LifeResult, live } from './life.ts'
import { processGround } from './process.ts'
import type { Fault } from './protocol.ts'

/** Options of {@link killTest}. */
export interface KillTestOptions {
  readonly rounds: number
  readonly seed: number
  /** A store that breaks a promise, so that there must be violations. */
  readonly fault?: string | undefined
  readonly onRound?: ((done: number) => void) | undefined
}

/** The result of all rounds. */
export interface KillTestResult {
  readonly seed: number
  readonly rounds: number
  /** Messages of the killed process that its application was told are safe. */
  readonly accepted: number
  readonly received: number
  readonly redelivered: number
  /** Ends of requests that the killed process was told, and those of them that came again. */
  readonly ends: number
  readonly endsAgain: number
  readonly cancelled: number
  /** Promises that were broken, with the seed of the life. */
  readonly violations: readonly string[]
}

/** Deaths of one store before a fresh one takes its place. */
const ROUNDS_PER_LIFE = 25
/** Lives at once: one computes while another waits for its disk. */
const AT_ONCE = 2

/** Kills a process `rounds` times. A life with violations ends early. */
export async function killTest({ rounds, seed, fault, onRound }: KillTestOptions): Promise<KillTestResult> {
  await using script = await bundleChild()
  const lives: { seed: number; rounds: number }[] = []
  for (let left = rounds; left > 0; left -= ROUNDS_PER_LIFE) {
    lives.push({ seed: seed + lives.length, rounds: Math.min(left, ROUNDS_PER_LIFE) })
  }
  const results: LifeResult[] = []
  let done = 0
  const worker = async (): Promise<void> => {
    for (let life = lives.shift(); life !== undefined; life = lives.shift()) {
      results.push(
        await live({
          ...life,
          ground: await processGround(script.path),
          fault: fault as Fault | undefined,
          onRound() {
            done++
            onRound?.(done)
          },
        }),
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const sum = (of: 'accepted' | 'received' | 'redelivered' | 'ends' | 'endsAgain' | 'cancelled'): number =>
    results.reduce((total, result) => total + result[of], 0)
  return {
    seed,
    rounds: done,
    accepted: sum('accepted'),
    received: sum('received'),
    redelivered: sum('redelivered'),
    ends: sum('ends'),
    endsAgain: sum('endsAgain'),
    cancelled: sum('cancelled'),
    violations: results.flatMap(({ seed: life, violations }) =>
      violations.map((text) => `life ${life}, ${text}`),
    ),
  }
}
