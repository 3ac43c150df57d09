import { type Row, judge } from '../../document.ts'
import { measure } from '../../measure.ts'
import { FILTER_ROW } from '../cases.ts'
import { filterUs } from '../costs.ts'
import * as theirs from '../theirs.ts'
import type { Ours } from '../ours.ts'

/** The bloom filter alone. */
export function* filter(ours: Ours): Iterable<Row> {
  const ids = Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(64, 'a'))
  const other = theirs.inside(theirs.participant('alice')).filter
  let found = 0
  const slow = measure(
    (times) => {
      for (let i = 0; i < times; i++) {
        other.insert(ids[i % 1_000]!)
        if (other.lookup(ids[(i + 7) % 1_000]!)) found++
      }
    },
    { rounds: 3 },
  )
  if (found === 0) throw new Error('nothing was found')
  yield judge({
    case: FILTER_ROW,
    unit: 'µs',
    ours: filterUs(ours),
    theirs: slow / 1_000,
    atLeast: 60,
    bound: 127,
  })
}
