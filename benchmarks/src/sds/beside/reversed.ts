import * as core from '@reliable-channels/sds/core'
import { type Row, judge } from '../../document.ts'
import { reversedRow } from '../cases.ts'
import { namingMany, reversedUs } from '../costs.ts'
import * as theirs from '../theirs.ts'
import { contents, cpuUs, leastUs } from '../workload.ts'
import type { Ours } from '../ours.ts'

/** Messages delivered before one that they depend on. */
function violations(order: readonly string[], all: readonly core.SdsMessage[]): number {
  const place = new Map(order.map((id, index) => [id, index]))
  return all.filter(({ messageId, causalHistory }) => {
    const at = place.get(messageId)
    return at !== undefined && causalHistory.some((before) => (place.get(before.messageId) ?? Infinity) > at)
  }).length
}

/** Messages that come in reverse order, what it costs and whether any is delivered before one that it depends on. */
export async function* reversed(ours: Ours): AsyncIterable<Row> {
  for (const [history, atLeast, bound] of [
    [0, 20, 36],
    [10_000, 200, 410],
  ] as const) {
    const wires: Uint8Array[] = []
    const sender = theirs.participant('alice', 200)
    for (const one of contents(1_000)) wires.push(await theirs.wrap(sender, one))
    const [bob] = theirs.participants(['bob'], history, 200)
    const theirOrder: string[] = []
    bob!.addEventListener('sds:in:message-delivered' as never, (event: CustomEvent<string>) => {
      theirOrder.push(event.detail)
    })
    const slow = await cpuUs(async () => {
      for (const wire of wires.toReversed()) await theirs.receive(bob!, wire)
      bob!.sweepIncomingBuffer()
    })

    const ourWires = namingMany(ours)
    let order: readonly string[] = []
    const fast = await leastUs(5, async () => {
      const run = await reversedUs(ours, ourWires, history)
      order = run.order
      return run.us
    })
    yield judge({
      case: reversedRow(history),
      unit: 'ms',
      ours: fast / 1_000,
      theirs: slow / 1_000,
      atLeast,
      bound,
    })
    const decoded = (all: readonly Uint8Array[]): core.SdsMessage[] =>
      all.map((wire) => core.decodeMessage(wire).message!)
    yield judge({
      case: `delivered before a dependency, history ${history.toLocaleString('en')}`,
      unit: 'messages',
      ours: violations(order, decoded(ourWires)),
      theirs: violations(theirOrder, decoded(wires)),
      atMost: 0,
      bound: 0,
    })
  }
}
