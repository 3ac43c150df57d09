import type { Case, Figure, Run } from '../case.ts'
import { mean, p50, p95, total } from '../figures.ts'
import { type Transfer, transfer } from '../transfer.ts'

/** Bytes of the file that most cases send. */
const FILE = { bytes: 3_000_000, segments: 30 } as const

/** Sendings that a frame takes on average until each of `receivers` has got one copy. */
export function sendings(loss: number, receivers = 1): number {
  let sum = 0
  for (let gone = 1; ; gone *= loss) {
    const wanted = 1 - (1 - gone) ** receivers
    if (wanted < 1e-9) return sum
    sum += wanted
  }
}

/** Goals of a {@link fileCase}: at most so much. */
interface Goals {
  readonly received?: readonly [p50: number | undefined, p95: number]
  readonly delivered?: readonly [p50: number | undefined, p95: number]
  readonly frames?: number | 'as before'
  /** The least that any protocol needs. @default the sendings until each frame has reached all */
  readonly framesBound?: number
}

const goal = (atMost: number | 'as before' | undefined): { atMost?: number | 'as before' } =>
  atMost === undefined ? {} : { atMost }

/** A payload that must reach all receivers, and be told to be delivered only then. */
export function transferCase(
  about: Pick<Case, 'id' | 'title' | 'seeds'>,
  how: Transfer,
  { received, delivered, frames, framesBound = sendings(how.loss ?? 0, how.receivers) }: Goals,
  further: readonly Figure[] = [],
): Case {
  return {
    ...about,
    run: (seed, say): Promise<Run> => transfer(how, { seed, say }),
    figures: [
      p50('received', 's', goal(received?.[0])),
      p95('received', 's', goal(received?.[1])),
      p50('delivered', 's', goal(delivered?.[0])),
      p95('delivered', 's', goal(delivered?.[1])),
      ...further,
      total('failed', 'runs', { atMost: 0 }),
      total('untrue', 'runs', { atMost: 0 }),
      mean('frames', '/segment', { ...goal(frames), bound: framesBound }),
    ],
  }
}

/** {@link transferCase} of a file of 3 MB, 30 segments. */
export function fileCase(
  about: Pick<Case, 'id' | 'title' | 'seeds'>,
  how: Omit<Transfer, 'bytes' | 'segments'>,
  goals: Goals,
  further: readonly Figure[] = [],
): Case {
  return transferCase(about, { ...FILE, ...how }, goals, further)
}
