/** Rounds of one life: a store that is opened, killed and opened again while its peers go on. */
import { seededRandom } from '@reliable-channels/simulator'
import { Ledger } from './ledger.ts'
import { type Connection, type World, openWorld } from './peers.ts'
import type { Ground, Victim } from './ground.ts'
import type { Fault, SessionPlan } from './protocol.ts'

/** Options of {@link live}. */
export interface LifeOptions {
  readonly seed: number
  /** Deaths. */
  readonly rounds: number
  /** Closed at the end. */
  readonly ground: Ground
  readonly fault?: Fault | undefined
  readonly onRound?: () => void
}

/** The result of a life. */
export interface LifeResult {
  readonly seed: number
  readonly violations: readonly string[]
  readonly accepted: number
  readonly received: number
  readonly redelivered: number
  /** Ends of requests that were told, those of them that came again, and requests that were taken back. */
  readonly ends: number
  readonly endsAgain: number
  readonly cancelled: number
}

const STEP_MS = 50
/** How long, in virtual time, the end may take: every message must be where it belongs by then. */
const PATIENCE_MS = 600_000

/** Lives once, and says what was wrong. Everything but the moment of a write's end follows from the seed. */
export async function live(options: LifeOptions): Promise<LifeResult> {
  const { seed, rounds, ground, fault, onRound } = options
  const random = seededRandom(seed, 'rounds')
  const ledger = new Ledger()
  const world = await openWorld(seed, ledger)
  const readJournal = async (): Promise<void> => {
    for (const entry of await ground.read()) ledger.read(entry)
  }
  /** Started beforehand, so that it has read its script when it is wanted. */
  let spare: Victim | undefined = ground.start()

  const session = async (
    plan: SessionPlan,
    during: (life: { step: () => Promise<boolean>; victim: Victim }) => Promise<void>,
  ): Promise<void> => {
    const victim = spare!
    spare = ground.start()
    ledger.startSession()
    const connection = world.connect()
    const opened = await victim.tell({
      type: 'open',
      opening: { ...ground.place, nowMs: world.time.now(), plan, memory: ledger.memory() },
    })
    if (opened?.type === 'broken') ledger.broken(opened.error)
    const step = (): Promise<boolean> => stepOnce(world, connection, victim, ledger, plan.sendRate)
    if (opened?.type === 'opened') await during({ step, victim })
    connection.close()
    await victim.kill()
    await readJournal()
  }

  try {
    for (let round = 0; round < rounds && ledger.violations.length === 0; round++) {
      const killAt = random() < 0.85 ? 1 + Math.floor(random() * 300) : undefined
      const killAfterMs = random() * 15
      const steps = 10 + Math.floor(random() * 80)
      const graceful = random() < 0.3
      const plan = { seed: seed * 1000 + round, killAt, sendRate: 0.05, fault }
      await session(plan, async ({ step, victim }) => {
        for (let i = 0; i < steps; i++) if (!(await step())) return
        // In the middle of whatever it does then.
        if (killAt !== undefined && !ground.diesByItself) return void (await inTime(step(), killAfterMs))
        if (!graceful) return
        const closed = await victim.tell({ type: 'close' })
        await readJournal()
        if (closed?.type === 'closed') ledger.outcomes.closeSession()
      })
      for (let away = Math.floor(random() * 40); away > 0; away--) await world.pass(STEP_MS, 0.03)
      onRound?.()
    }
    world.calm()
    if (ledger.violations.length === 0) {
      await session(
        { seed: seed * 1000 + rounds, killAt: undefined, sendRate: 0, fault },
        async ({ step }) => {
          for (let ms = 0; ms < PATIENCE_MS; ms += STEP_MS) {
            if (!(await step())) return
            if (ms % 1_000 !== 0) continue
            await readJournal()
            if (ledger.missing().length === 0) return
          }
        },
      )
      ledger.lost(ledger.missing())
    }
  } finally {
    await spare?.kill()
    await world.close()
    await ground.close()
  }
  const { violations, accepted, received, redelivered } = ledger
  const { told: ends, toldAgain: endsAgain, cancelled } = ledger.outcomes
  return { seed, violations, accepted, received, redelivered, ends, endsAgain, cancelled }
}

/** Waits for it, but no longer than this. */
function inTime(work: Promise<unknown>, ms: number): Promise<unknown> {
  return Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))])
}

/** Lets a piece of time pass for everybody. Returns whether the process lives. */
async function stepOnce(
  world: World,
  connection: Connection,
  victim: Victim,
  ledger: Ledger,
  sendRate: number,
): Promise<boolean> {
  await world.pass(STEP_MS, sendRate)
  const answer = await victim.tell({ type: 'step', input: { ms: STEP_MS, ...connection.collect() } })
  if (answer?.type === 'broken') ledger.broken(answer.error)
  if (answer?.type !== 'stepped') return false
  connection.take(answer.output)
  return true
}
