import { memoryStore } from '@reliable-channels/store'
import type { Case, Run } from '../case.ts'
import { most } from '../figures.ts'
import { numbered } from '../numbered.ts'
import type { Say } from '../world.ts'
import { createWorld } from '../world.ts'

const HISTORY = 2_000
/** How long the network that forgets remembers, and how long it is quiet before the newcomer comes. */
const SHORT_MS = 60_000

/** Two have talked for long when somebody joins: how long until they see the first message that is said to them. */
async function newcomer(
  { remembers, stores }: { remembers: boolean; stores: boolean },
  seed: number,
  say?: Say,
): Promise<Run> {
  const world = createWorld({ seed, say, network: remembers ? {} : { retentionMs: SHORT_MS } })
  const alice = await world.join('alice')
  const bob = await world.join('bob')
  for (const channel of [alice, bob]) channel.incoming$.subscribe()
  for (let i = 0; i < HISTORY; i++) {
    ;(i % 2 === 0 ? alice : bob).send(numbered(i))
    await world.time.advance(1_000)
  }
  await world.time.advance(2 * SHORT_MS)
  const carol = await world.join('carol', stores ? { node: { store: memoryStore() } } : {})
  let shownS: number | undefined
  carol.incoming$.subscribe(() => (shownS ??= world.seconds()))
  await world.time.advance(1_000)
  const saidS = world.seconds()
  alice.send(numbered(HISTORY))
  await world.until(() => shownS !== undefined, 7_200)
  await world.close()
  return { shown: (shownS ?? saidS + 7_200) - saidS }
}

/** A newcomer who asked for no history must not wait for it. */
export const l: readonly Case[] = [
  { remembers: true, stores: false },
  { remembers: false, stores: false },
  { remembers: true, stores: true },
  { remembers: false, stores: true },
].map((how) => ({
  id: 'L',
  title: `a newcomer${how.stores ? ' with a store' : ''} to 2,000 messages${how.remembers ? '' : ' that the network forgot'}`,
  seeds: 2,
  run: (seed, say) => newcomer(how, seed, say),
  figures: [most('shown', 's', { atMost: 2 })],
}))
