import type { Case, Run } from '../case.ts'
import { mean, p50, p95, total } from '../figures.ts'
import { createWorld, framesOf } from '../world.ts'

const MESSAGES = 3_000
const BYTES = 100

/** A burst that nothing disturbs: how long its acknowledgement takes, and how many messages more. */
export const f: Case = {
  id: 'F',
  title: 'burst of 3,000 × 100 B',
  seeds: 5,
  async run(seed, say): Promise<Run> {
    const world = createWorld({ seed, say })
    const alice = await world.join('alice')
    const bob = await world.join('bob')
    let received = 0
    let receivedS = 0
    let acknowledged = 0
    let acknowledgedS = 0
    let failed = 0
    bob.incoming$.subscribe(() => {
      received++
      receivedS = world.seconds()
    })
    alice.events$.subscribe((event) => {
      if (event.type === 'reliable:message:delivery-error') failed++
      if (event.type !== 'reliable:message:delivered') return
      acknowledged++
      acknowledgedS = world.seconds()
    })
    const sending = (async () => {
      for (let i = 0; i < MESSAGES; i++) {
        await alice.ready(BYTES)
        alice.send(new Uint8Array(BYTES).fill(i))
      }
    })()
    await world.until(() => acknowledged + failed === MESSAGES && received === MESSAGES, 900)
    await sending
    const more = framesOf(world) - MESSAGES
    await world.close()
    return {
      received: receivedS,
      acknowledged: acknowledgedS - receivedS,
      more,
      failed: failed + MESSAGES - received,
    }
  },
  figures: [
    p50('received', 's'),
    p95('acknowledged', 's after', { atMost: 2 }),
    mean('more', 'frames', { atMost: 60 }),
    total('failed', 'messages', { atMost: 0 }),
  ],
}
