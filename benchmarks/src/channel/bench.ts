import { HERE } from '../baseline-folder.ts'
import { type Bench, type BenchValues, type Row, judge } from '../document.ts'
import type { Case, Run } from './case.ts'
import { cases } from './cases.ts'
import { readCommand } from './command.ts'
import type { Flame, Share } from './flame.ts'
import { flameOfCase, measured } from './measured.ts'

async function* run(values: BenchValues): AsyncGenerator<Row> {
  const { cases: chosen, baseline, isFlame } = readCommand(values, cases)
  for (const one of chosen) {
    if (isFlame) {
      const theirs = baseline === undefined ? undefined : await flameOfCase(one, baseline)
      yield* sharesOf(one, await flameOfCase(one, HERE), theirs)
      continue
    }
    const ours: Run[] = []
    const theirs: Run[] = []
    // Turn and turn about, so that both meet the same machine.
    for (let round = 0; round < one.rounds; round++) {
      ours.push(await measured(one, HERE))
      if (baseline !== undefined) theirs.push(await measured(one, baseline))
    }
    yield* rowsOf(one, ours, theirs)
  }
}

function* rowsOf({ figures }: Case, ours: readonly Run[], theirs: readonly Run[]): Generator<Row> {
  const isCompared = theirs.length > 0
  for (const { name, unit, of, better = 'smaller', atLeast, atMost, oursAtLeast } of figures) {
    yield judge({
      case: name,
      unit,
      better,
      ours: of(ours),
      ...(isCompared && { theirs: of(theirs) }),
      ...(isCompared && atLeast !== undefined && { atLeast }),
      ...(atMost !== undefined && { atMost }),
      ...(oursAtLeast !== undefined && { oursAtLeast }),
      runs: ours.length,
    })
  }
}

/** The share of each package in the time of a case, then that of the functions that take most; in percent. */
function* sharesOf({ id }: Case, ours: Flame, theirs: Flame | undefined): Generator<Row> {
  const rowOf = ({ name, share }: Share, others?: readonly Share[]): Row => {
    const other = others?.find((each) => each.name === name)?.share
    return judge({
      case: `${id}: ${name}`,
      unit: '%',
      ours: 100 * share,
      ...(other !== undefined && { theirs: 100 * other }),
    })
  }
  for (const one of ours.packages) yield rowOf(one, theirs?.packages)
  for (const one of ours.functions) yield rowOf(one)
}

/** The cost of a channel around its stages. */
export const bench: Bench = {
  about:
    'what a channel costs: CPU, memory and writes, both ends in one process on a wire that costs nothing',
  theirs: 'baseline',
  usage:
    '[--case NAME]… [--baseline DIR, a checkout of another commit with its dependencies installed, measured in turn] [--flame, the share of each package and of the garbage collector in place of the figures]',
  options: {
    case: { type: 'string', multiple: true },
    baseline: { type: 'string' },
    flame: { type: 'boolean', default: false },
  },
  run,
}
