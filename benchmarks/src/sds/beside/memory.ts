import { type Row, judge } from '../../document.ts'
import { MEMORY_ROW } from '../cases.ts'
import { storedBytes } from '../costs.ts'
import * as theirs from '../theirs.ts'
import { content, memoryInUse } from '../workload.ts'
import type { Ours } from '../ours.ts'

/** What a stored message takes. */
export async function* memory(ours: Ours): AsyncIterable<Row> {
  const FEW = 300
  const theirAlice = theirs.participant('alice')
  const theirBob = theirs.participant('bob')
  const theirBefore = await memoryInUse()
  for (let i = 0; i < FEW; i++) await theirs.receive(theirBob, await theirs.wrap(theirAlice, content(i)))
  // The sender keeps the same messages as objects of its own.
  const slow = ((await memoryInUse()) - theirBefore) / (2 * FEW)

  yield judge({
    case: MEMORY_ROW,
    unit: 'bytes',
    ours: await storedBytes(ours),
    theirs: slow,
    atMost: 100 + 600,
    bound: 100 + 200,
  })
}
