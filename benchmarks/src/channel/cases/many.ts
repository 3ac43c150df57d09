import type { ReliableChannel } from '@reliable-channels/channel'
import { cpuUs } from '../../sds/workload.ts'
import { type Case, type Run, least } from '../case.ts'
import type { Library } from '../checkout.ts'
import { counting, steadyFlow } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const COUNTS = [1, 100, 1_000]
const CHUNKS = 4
const CHUNK = 1_500

/** CPU of a message of 100 B from one node to another, each with `count` channels, traffic spread over them, in µs. */
async function usWith(library: Library, count: number): Promise<number> {
  const wire = createWire(library)
  const open = (senderId: string): Promise<ReliableChannel[]> => {
    const manager = new library.channel.ReliableChannelManager({ transport: wire.peer() })
    return Promise.all(Array.from({ length: count }, (_, i) => manager.create({ ...numbered(i), senderId })))
  }
  const [alices, bobs] = [await open('alice'), await open('bob')]
  const receiver = counting(bobs)
  // With the slowest of checkouts, a thousand channels would take minutes.
  const chunk = count > 500 ? CHUNK / 3 : CHUNK
  let sent = 0
  let us = Infinity
  for (let i = 0; i <= CHUNKS; i++) {
    const taken = await cpuUs(async () => {
      await steadyFlow(alices, chunk)
      await receiver.arrived((sent += chunk))
    })
    if (i > 0) us = Math.min(us, taken / chunk)
  }
  return us
}

/** The steady flow of small messages, and what other channels of the node have to do with it. */
export const many: Case = {
  id: 'steady',
  rounds: 2,
  async run(library) {
    const run: Record<string, number> = {}
    for (const count of COUNTS) run[`us${count}`] = await usWith(library, count)
    return run
  },
  figures: [
    { name: 'message of 100 B, 1 channel on each node', unit: 'µs', of: least('us1'), atLeast: 2 },
    { name: 'message of 100 B, 100 channels on each node', unit: 'µs', of: least('us100'), atLeast: 2 },
    { name: 'message of 100 B, 1,000 channels on each node', unit: 'µs', of: least('us1000'), atLeast: 10 },
    {
      name: 'message with 1,000 channels, of one with 1',
      unit: '×',
      of: (runs: readonly Run[]) => least('us1000')(runs) / least('us1')(runs),
      atMost: 1.3,
    },
  ],
}
