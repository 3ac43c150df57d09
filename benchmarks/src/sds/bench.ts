import * as core from '@reliable-channels/sds/core'
import { baselineFolder } from '../baseline-folder.ts'
import { type Bench, type BenchValues, BenchUsageError, type Row } from '../document.ts'
import { cases } from './cases.ts'
import { inTurn } from './in-turn.ts'
import { Ours } from './ours.ts'
import { filter } from './beside/filter.ts'
import { memory } from './beside/memory.ts'
import { messages } from './beside/messages.ts'
import { reversed } from './beside/reversed.ts'
import { unacknowledged } from './beside/unacknowledged.ts'

/**
 * `@waku/sds` 0.0.8 from npm and ours: 100 B of content, filter of 10,000 at 0.001, one run. With a baseline, another
 * checkout in its place.
 */
export const bench: Bench = {
  about: 'SDS participants: @waku/sds beside ours, at the same settings (main-thread CPU time)',
  usage:
    '[--baseline DIR, a checkout of another commit with its dependencies installed, measured in turn in place of @waku/sds] [--pairs N, 5 by default] [--case NAME]…',
  options: {
    baseline: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    case: { type: 'string', multiple: true },
  },
  run(values) {
    const baseline = baselineFolder(values, 'sds')
    return baseline === undefined ? besideTheirs() : inTurn(baseline, pairsOf(values), idsOf(values))
  },
}

async function* besideTheirs(): AsyncGenerator<Row> {
  const ours = new Ours(core)
  yield* messages(ours)
  yield* reversed(ours)
  yield* unacknowledged(ours)
  yield* memory(ours)
  yield* filter(ours)
}

function pairsOf({ pairs }: BenchValues): number {
  const count = Number(pairs)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new BenchUsageError(`--pairs takes a positive integer, got "${String(pairs)}"`)
  return count
}

function idsOf(values: BenchValues): readonly string[] {
  const known = cases.map(({ id }) => id)
  const ids = (values['case'] as string[] | undefined) ?? known
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) throw new BenchUsageError(`no case "${unknown}"; there are: ${known.join(', ')}`)
  return ids
}
