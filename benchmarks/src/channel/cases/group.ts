import { cpuUs } from '../../sds/workload.ts'
import { type Case, least } from '../case.ts'
import { counting, steadyFlow } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const MEMBERS = 50
const CHUNKS = 3
const CHUNK = 100

/** A group in which everybody speaks in turn. */
export const group: Case = {
  id: 'group',
  rounds: 2,
  async run(library) {
    const wire = createWire(library)
    const members = await Promise.all(
      Array.from({ length: MEMBERS }, (_, i) =>
        library.channel.openChannel({ ...numbered(0), senderId: `member-${i}`, transport: wire.peer() }),
      ),
    )
    const receivers = counting(members)
    let us = Infinity
    let sent = 0
    for (let i = 0; i <= CHUNKS; i++) {
      const taken = await cpuUs(async () => {
        await steadyFlow(members, CHUNK)
        await receivers.arrived((sent += CHUNK) * (MEMBERS - 1))
      })
      if (i > 0) us = Math.min(us, taken / CHUNK / (MEMBERS - 1))
    }
    return { us }
  },
  figures: [{ name: 'group of 50, for each delivery', unit: 'µs', of: least('us'), atMost: 35 }],
}
