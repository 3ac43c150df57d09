import { content, cpuUs } from '../../sds/workload.ts'
import { type Case, least } from '../case.ts'
import type { Library } from '../checkout.ts'
import { counting } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const COUNT = 3_000
const ROUNDS = 4

/** CPU time from the first send of a burst to the last arrival, in s. */
async function burstS({ channel: { openChannel }, ...library }: Library): Promise<number> {
  const wire = createWire(library)
  const open = (senderId: string): ReturnType<typeof openChannel> =>
    openChannel({
      ...numbered(0),
      senderId,
      transport: wire.peer(),
      maxOpenRequests: COUNT,
      sds: { maxOutgoing: COUNT },
    })
  const [alice, bob] = [await open('alice'), await open('bob')]
  const receiver = counting([bob])
  const us = await cpuUs(async () => {
    for (let i = 0; i < COUNT; i++) alice.send(content(i))
    await receiver.arrived(COUNT)
  })
  await Promise.all([alice.close(), bob.close()])
  return us / 1_000_000
}

/** Many small messages sent in one turn. */
export const burst: Case = {
  id: 'burst',
  rounds: 2,
  async run(library) {
    let first = 0
    let s = Infinity
    for (let i = 0; i < ROUNDS; i++) {
      const taken = await burstS(library)
      first ||= taken
      s = Math.min(s, taken)
    }
    return { first, s }
  },
  figures: [
    { name: 'burst of 3,000 × 100 B', unit: 's', of: least('s'), atMost: 0.3 },
    { name: 'burst of 3,000 × 100 B, first of the process', unit: 's', of: least('first') },
  ],
}
