import { type Bench, type BenchValues, type Row, judge } from '../document.ts'
import type { Case, Run } from './case.ts'
import { cases } from './cases.ts'
import { HERE } from './checkout.ts'
import { readCommand } from './command.ts'
import { measured } from './measured.ts'

async function* run(values: BenchValues): AsyncGenerator<Row> {
  const { cases: chosen, baseline } = readCommand(values, cases)
  for (const one of chosen) {
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

/** The cost of a channel around its stages. */
export const bench: Bench = {
  about:
    'what a channel costs: CPU, memory and writes, both ends in one process on a wire that costs nothing',
  theirs: 'baseline',
  usage:
    '[--case NAME]… [--baseline DIR, a checkout of another commit with its dependencies installed, measured in turn]',
  options: {
    case: { type: 'string', multiple: true },
    baseline: { type: 'string' },
  },
  run,
}
