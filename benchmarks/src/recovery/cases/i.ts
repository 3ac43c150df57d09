import type { Case, Run } from '../case.ts'
import { mean, most } from '../figures.ts'
import { type Say, createWorld } from '../world.ts'

/** The last that is said before the silence. */
const LAST = Uint8Array.of(2)

/** So long that they do not hear what acknowledges it at once either. */
const DEAF_MS = 5_000

/**
 * An hour in which nobody speaks. Everybody has said something before, and one member does not hear the very last
 * message: nothing but the periodic sync can tell them so.
 */
async function silence(members: number, seed: number, say?: Say): Promise<Run> {
  const world = createWorld({ seed, say })
  const channels = []
  for (let i = 0; i < members; i++) channels.push(await world.join(`member-${i}`))
  for (const channel of channels) {
    channel.incoming$.subscribe()
    channel.send(Uint8Array.of(1))
    await world.time.advance(1_000)
  }
  await world.time.advance(60_000)

  const deaf = channels.at(-1)!
  let noticedS: number | undefined
  const saidS = world.seconds()
  const notice = (): void => {
    noticedS ??= world.seconds() - saidS
  }
  deaf.events$.subscribe((event) => {
    if (event.type === 'diagnostic' && event.code === 'missing') notice()
    if (event.type === 'reliable:message:received' && event.payload[0] === LAST[0]) notice()
  })
  const before = world.traffic.sync.frames
  world.network.partition([[deaf.senderId]])
  channels[0]!.send(LAST)
  await world.time.advance(DEAF_MS)
  world.network.heal()
  await world.time.advance(3_600_000)
  const sync = world.traffic.sync.frames - before
  await world.close()
  return { sync, noticed: noticedS ?? 3_600 }
}

/** Nothing to say: what it costs to know that nothing is missing. */
export const i: readonly Case[] = [3, 10, 50].map((members) => ({
  id: 'I',
  title: `an hour of silence, ${members} members`,
  seeds: members < 50 ? 4 : 2,
  run: (seed, say) => silence(members, seed, say),
  figures: [mean('sync', 'frames', { atMost: 24 }), most('noticed', 's', { atMost: 45 })],
}))
