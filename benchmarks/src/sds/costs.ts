import type { SdsStage } from '@reliable-channels/sds/core'
import { measure } from '../measure.ts'
import { type Ours, finish, receive, wrap } from './ours.ts'
import { NOW, content, contents, cpuUs, memoryInUse } from './workload.ts'

/** The lengths of history at which a message is measured. */
export const LENGTHS = [0, 1_000, 10_000, 100_000] as const

/** Messages that ours is measured with at a time: enough for the clock of the CPU, which ticks slowly. */
export const AT_A_TIME = 1_000

/** A pair takes part in so many rounds: as long as its history stays about as long. */
export const roundsOfPair = (history: number): number => Math.max(1, history / (10 * AT_A_TIME))

/** Sending, encoding, decoding and receiving: µs for each of so many messages, by CPU time. */
export async function messageUs([alice, bob]: readonly SdsStage[], count: number): Promise<number> {
  const all = contents(count)
  const us = await cpuUs(() => {
    for (const one of all) receive(bob!, wrap(alice!, one))
  })
  return us / count
}

/** Ids before a message that comes in reverse order. */
const REVERSED = { causalHistoryLength: 200 }

/** 1,000 messages, each of which names the 200 before it. */
export function namingMany(ours: Ours): Uint8Array[] {
  const alice = ours.participant('alice', REVERSED)
  return contents(1_000).map((one) => wrap(alice, one))
}

/** Receiving them the other way around: µs of CPU time, and the order in which they are delivered. */
export async function reversedUs(
  ours: Ours,
  wires: readonly Uint8Array[],
  history: number,
): Promise<{ us: number; order: readonly string[] }> {
  const [bob] = ours.participants(['bob'], history, REVERSED)
  const order: string[] = []
  const us = await cpuUs(() => {
    for (const wire of wires.toReversed()) order.push(...receive(bob!, wire))
    order.push(...finish(bob!))
  })
  if (order.length !== wires.length)
    throw new Error(`${order.length} of ${wires.length} messages were delivered`)
  return { us, order }
}

/** A message that acknowledges 200 of so many: µs. */
export function againstUnacknowledgedUs(ours: Ours, count: number): number {
  const alice = ours.participant('alice')
  const bob = ours.participant('bob', { causalHistoryLength: 200 })
  for (let i = 0; i < count; i++) {
    const wire = wrap(alice, content(i))
    if (i < 200) receive(bob, wire)
  }
  const wire = wrap(bob, content(count))
  // Too short for the clock of the CPU: the time on the wall, of the round that was disturbed least.
  const before = performance.now()
  const { outputs } = alice.handle({ type: 'receive', frame: { payload: wire } }, NOW)
  const us = (performance.now() - before) * 1_000
  const acknowledged = outputs.filter(
    (one) => one.type === 'event' && one.event.type === 'acknowledged',
  ).length
  if (acknowledged !== 200) throw new Error(`${acknowledged} messages were acknowledged, expected 200`)
  return us
}

/** Bytes that a message takes which was received. */
export async function storedBytes(ours: Ours): Promise<number> {
  const COUNT = 5_000
  const alice = ours.participant('alice')
  const [bob] = ours.participants(['bob'], 100)
  const wires = contents(COUNT).map((one) => wrap(alice, one))
  const before = await memoryInUse()
  for (const wire of wires) receive(bob!, wire)
  const after = await memoryInUse()
  if (bob!.health().state !== 'synced' || wires.length !== COUNT) throw new Error('not all was received')
  return (after - before) / COUNT
}

/** Putting an id into a filter and looking one up: µs. */
export function filterUs({ core }: Ours): number {
  const { RollingFilter, bloomHas } = core
  const ids = Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(64, 'a'))
  const filter = new RollingFilter('lip', 10_000, 0.001)
  let found = 0
  const ns = measure((times) => {
    for (let i = 0; i < times; i++) {
      filter.insert(ids[i % 1_000]!)
      if (bloomHas(filter.bits, ids[(i + 7) % 1_000]!)) found++
    }
  })
  if (found === 0) throw new Error('nothing was found')
  return ns / 1_000
}
