import { availableParallelism } from 'node:os'
import { type Bench, type BenchValues, type Row, judge } from '../document.ts'
import { COMMIT, loadBaseline } from './baseline.ts'
import type { Case, Run } from './case.ts'
import { cases } from './cases.ts'
import { type Command, readCommand } from './command.ts'
import { createPool } from './pool.ts'
import { timeline } from './timeline.ts'
import { type Traced, traceLine } from './trace.ts'

/**
 * Other seeds than those of the commit that it is compared with have other luck, which may make so much of a difference:
 * that commit itself needs 1.495 messages more for the thirty tasks with seeds 1 to 200, and 1.58 with 7001 to 7200.
 */
const LUCK = 1.1

/** More threads would only help a run of thousands of seeds. */
const MAX_THREADS = 8

async function* run(values: BenchValues): AsyncGenerator<Row> {
  const command = readCommand(values, cases)
  if (command.tell !== undefined) return await tell(command)
  const baseline = loadBaseline()
  const pool = createPool(Math.min(MAX_THREADS, availableParallelism()))
  try {
    // All are asked for at once, so that no thread waits for the last run of a case.
    const chosen = command.cases.map((one) => ({
      one,
      runs: pool.runs(cases.indexOf(one), command.seedsOf(one)),
    }))
    for (const { runs } of chosen) runs.catch(() => {})
    for (const { one, runs } of chosen) {
      const luck = values['seeds'] === undefined || one.seeded === false ? 1 : LUCK
      yield* rowsOf(one, await runs, baseline, luck)
    }
  } finally {
    await pool.close()
  }
}

function* rowsOf(
  one: Case,
  runs: readonly Run[],
  baseline: ReadonlyMap<string, number>,
  luck: number,
): Generator<Row> {
  for (const { name, unit, of, atMost, bound } of one.figures) {
    const row = `${one.id} ${one.title}: ${name}`
    const theirs = baseline.get(row)
    yield judge({
      case: row,
      unit,
      ours: of(runs),
      theirs,
      atMost: atMost === 'as before' ? theirs && Number((theirs * luck).toPrecision(4)) : atMost,
      bound,
      runs: runs.length,
    })
  }
}

async function tell({ cases: chosen, seedsOf, tell: how }: Command): Promise<void> {
  for (const one of chosen) {
    for (const seed of seedsOf(one)) {
      console.log(`${one.id} ${one.title}, seed ${seed}`)
      const traced: Traced[] = []
      const run = await one.run(seed, (next) => {
        if (how === 'frames') console.log(traceLine(next))
        else traced.push(next)
      })
      for (const line of timeline(traced)) console.log(line)
      for (const [name, value] of Object.entries(run)) console.log(`${name}: ${Number(value.toPrecision(4))}`)
      console.log()
    }
  }
}

/** How long it takes, and how many messages, until everybody has what the network lost. */
export const bench: Bench = {
  about: `what a lost message costs in time and in messages, in virtual time, beside commit ${COMMIT}`,
  theirs: COMMIT,
  fails: true,
  usage:
    '[--case LETTER]… [--seeds FIRST..LAST] [--trace, to see every frame, or --timeline, to see them in few lines]; fails when a goal is missed',
  options: {
    case: { type: 'string', multiple: true },
    seeds: { type: 'string' },
    trace: { type: 'boolean' },
    timeline: { type: 'boolean' },
  },
  run,
}
