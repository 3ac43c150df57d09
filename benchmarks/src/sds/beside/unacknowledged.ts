import { type Row, judge } from '../../document.ts'
import { UNACKNOWLEDGED_ROW } from '../cases.ts'
import { againstUnacknowledgedUs } from '../costs.ts'
import * as theirs from '../theirs.ts'
import { content, cpuUs, leastUs } from '../workload.ts'
import type { Ours } from '../ours.ts'

const inside = (channel: ReturnType<typeof theirs.participant>): { push(...items: never[]): number } =>
  theirs.inside(channel).localHistory

/** A message that acknowledges 200 of theirs, which were made before: µs. */
async function theirsAgainstUnacknowledged(messages: readonly { messageId: string }[]): Promise<number> {
  const alice = theirs.participant('alice', 2)
  const bob = theirs.participant('bob', 200)
  const buffer = (alice as unknown as { outgoingBuffer: unknown[] }).outgoingBuffer
  buffer.push(...messages)
  inside(bob).push(...(messages.slice(0, 200) as never[]))
  for (const { messageId } of messages.slice(0, 200)) theirs.inside(bob).filter.insert(messageId)
  const wire = await theirs.wrap(bob, content(1))
  const us = await cpuUs(() => theirs.receive(alice, wire))
  if ((alice as unknown as { outgoingBuffer: unknown[] }).outgoingBuffer.length !== messages.length - 200) {
    throw new Error('theirs acknowledged something else')
  }
  return us
}

/** A message that acknowledges, where many wait to be acknowledged. */
export async function* unacknowledged(ours: Ours): AsyncIterable<Row> {
  const COUNT = 10_000
  const [source] = theirs.participants(['other'], COUNT)
  const { items } = inside(source!) as unknown as { items: { messageId: string }[] }
  const slow = await leastUs(3, () => theirsAgainstUnacknowledged(items))

  for (let i = 0; i < 20; i++) againstUnacknowledgedUs(ours, 2_000)
  const fast = await leastUs(15, () => Promise.resolve(againstUnacknowledgedUs(ours, COUNT)))
  yield judge({
    case: UNACKNOWLEDGED_ROW,
    unit: 'µs',
    ours: fast,
    theirs: slow,
    atLeast: 1_000,
    bound: 9_000,
  })
}
