import type { Case, Run } from '../case.ts'
import { mean, p50, p95, total } from '../figures.ts'
import { numbered } from '../numbered.ts'
import { transfer } from '../transfer.ts'
import { type MemberOptions, createWorld, framesOf } from '../world.ts'

/** Twenty messages in ten minutes. */
const QUOTA: MemberOptions = {
  node: { rateLimit: { enabled: true, epochMs: 600_000, messagesPerEpoch: 20 } },
}

const TASKS = 30
/** How long each task takes. */
const WORK_MS = 2_000

/** Thirty tasks handed out at once, each answered when it is done: the README of the channel tells of them. */
const tasks: Case = {
  id: 'M',
  title: 'thirty tasks and their results, 20 messages in ten minutes',
  seeds: 200,
  async run(seed, say): Promise<Run> {
    const world = createWorld({ seed, say })
    const alice = await world.join('alice', QUOTA)
    const bob = await world.join('bob', QUOTA)
    let delivered = 0
    let failed = 0
    const send = (from: typeof alice, payload: Uint8Array): void =>
      void from
        .send(payload)
        .delivered()
        .then(
          () => delivered++,
          () => failed++,
        )
    alice.incoming$.subscribe()
    bob.incoming$.subscribe(({ payload }) => world.time.schedule(() => send(bob, payload), WORK_MS))
    for (let i = 0; i < TASKS; i++) send(alice, numbered(i))
    await world.until(() => delivered + failed === 2 * TASKS, 7_200)
    const run = {
      delivered: world.seconds(),
      more: framesOf(world) - 2 * TASKS,
      failed: 2 * TASKS - delivered,
    }
    await world.close()
    return run
  },
  figures: [
    p95('delivered', 's', { atMost: 'as before' }),
    mean('more', 'frames', { atMost: 'as before' }),
    total('failed', 'messages', { atMost: 0 }),
  ],
}

/** The file of case A, for which such a quota is the worst that there is. */
const file: Case = {
  id: 'M',
  title: '3 MB to 1, loss 0.3, 20 messages in ten minutes',
  seeds: 200,
  run: (seed, say) =>
    transfer(
      { bytes: 3_000_000, segments: 30, receivers: 1, loss: 0.3, member: QUOTA, maxS: 14_400 },
      { seed, say },
    ),
  figures: [
    p50('received', 's', { atMost: 'as before' }),
    p95('received', 's', { atMost: 'as before' }),
    p50('delivered', 's', { atMost: 'as before' }),
    p95('delivered', 's', { atMost: 'as before' }),
    total('failed', 'runs', { atMost: 0 }),
    total('untrue', 'runs', { atMost: 0 }),
    mean('frames', '/segment', { atMost: 'as before' }),
  ],
}

export const m: readonly Case[] = [tasks, file]
