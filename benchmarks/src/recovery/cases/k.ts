import type { Case, Run } from '../case.ts'
import { mean, total } from '../figures.ts'
import { minuteTimers } from '../minute-timers.ts'
import { numbered } from '../numbered.ts'
import { createWorld } from '../world.ts'

const MESSAGES = 300

/** Somebody reads in a tab in the background, whose timers fire once a minute. */
export const k: Case = {
  id: 'K',
  title: 'a message each 2 s, the receiver’s timers once a minute',
  seeds: 3,
  async run(seed, say): Promise<Run> {
    const world = createWorld({ seed, say })
    const alice = await world.join('alice')
    const bob = await world.join('bob', { node: { scheduler: minuteTimers(world.time) } })
    let received = 0
    let delivered = 0
    let failed = 0
    bob.incoming$.subscribe(() => received++)
    for (let i = 0; i < MESSAGES; i++) {
      alice
        .send(numbered(i))
        .delivered()
        .then(
          () => delivered++,
          () => failed++,
        )
      await world.time.advance(2_000)
    }
    await world.until(() => delivered + failed === MESSAGES && received === MESSAGES, 900)
    const { content, sync } = world.traffic
    await world.close()
    return { copies: content.frames / MESSAGES, sync: sync.frames / MESSAGES, failed: MESSAGES - delivered }
  },
  figures: [
    mean('copies', '/message', { atMost: 1.1, bound: 1 }),
    mean('sync', '/message'),
    total('failed', 'messages', { atMost: 0 }),
  ],
}
