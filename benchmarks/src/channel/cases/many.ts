import type { ReliableChannel } from '@reliable-channels/channel'
import { cpuUs, leastUs } from '../../sds/workload.ts'
import { type Case, type Run, least } from '../case.ts'
import type { Library } from '../checkout.ts'
import { counting, steadyFlow } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const COUNTS = [1, 100, 1_000]
/**
 * Messages sent first: so many of each channel that it expects more, and so many that all their code has been compiled for
 * good, which takes as long as the code is much: after 1,500 messages each costs twice what it costs after 20,000.
 */
const WARM_UP = 20_000
const WARM_UP_EACH = 6
/**
 * Messages measured at a time, with all that the garbage collector does meanwhile. Acknowledgements of steady channels come
 * in waves, so that a few of each are needed.
 */
const CHUNK = 10_000
const CHUNK_EACH = 2

/** CPU of a message of 100 B from one node to another, each with `count` channels, traffic spread over them, in µs. */
async function usWith(library: Library, count: number): Promise<number> {
  const wire = createWire(library)
  const open = (senderId: string): Promise<ReliableChannel[]> => {
    const manager = new library.channel.ReliableChannelManager({ transport: wire.peer() })
    return Promise.all(Array.from({ length: count }, (_, i) => manager.create({ ...numbered(i), senderId })))
  }
  const [alices, bobs] = [await open('alice'), await open('bob')]
  const receiver = counting(bobs)
  let sent = 0
  const flow = async (messages: number): Promise<void> => {
    await steadyFlow(alices, messages)
    await receiver.arrived((sent += messages))
  }
  // With the slowest of checkouts, a thousand messages of a thousand channels take four seconds.
  const isMany = count > 500
  await flow(isMany ? WARM_UP_EACH * count : WARM_UP)
  const chunk = isMany ? CHUNK_EACH * count : CHUNK
  const rounds = isMany ? 2 : 3
  return (await leastUs(rounds, () => cpuUs(() => flow(chunk)))) / chunk
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
