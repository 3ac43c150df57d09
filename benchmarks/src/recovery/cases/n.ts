import * as channel from '@reliable-channels/channel'
import type { Case, Run } from '../case.ts'
import { numbered } from '../numbered.ts'
import { createWorld } from '../world.ts'

/** The goal of each profile: no more than before in those that others speak, and less in one of our own. */
const GOALS: Readonly<Record<string, number | 'as before'>> = {
  lip: 'as before',
  jsWaku: 'as before',
  logosDelivery: 'as before',
  logosDeliveryRaw: 'as before',
  lean: 1_500,
}

/** Messages before the one that is weighed, so that its causal history is full. */
const BEFORE = 3

/** Bytes on the wire of one message of 100 B; none where there is no such profile. */
async function weigh(name: string): Promise<Run> {
  const profile = (channel as Readonly<Record<string, unknown>>)[name] as channel.Profile | undefined
  if (profile === undefined) return {}
  const world = createWorld({ seed: 1 })
  const alice = await world.join('alice', { profile })
  const bob = await world.join('bob', { profile })
  bob.incoming$.subscribe()
  for (let i = 0; i < BEFORE; i++) {
    alice.send(numbered(i))
    await world.time.advance(10_000)
  }
  const before = world.traffic.content.bytes
  alice.send(numbered(BEFORE))
  await world.time.advance(10_000)
  const bytes = world.traffic.content.bytes - before
  await world.close()
  return { bytes }
}

/** The cost of a message that says little. */
export const n: readonly Case[] = Object.entries(GOALS).map(([name, atMost]) => ({
  id: 'N',
  title: `100 B on the wire, ${name}`,
  seeds: 1,
  seeded: false,
  run: () => weigh(name),
  figures: [{ name: 'message', unit: 'B', of: ([run]) => run!['bytes'] ?? null, atMost }],
}))
