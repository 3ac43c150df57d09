import { type Case, least } from '../case.ts'
import { counting, steadyFlow } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const COUNT = 200_000
const MB = 1_000_000

/** The memory that is left in use after many messages. */
export const soak: Case = {
  id: 'soak',
  rounds: 1,
  async run(library) {
    const wire = createWire(library)
    const open = (senderId: string): ReturnType<typeof library.channel.openChannel> =>
      library.channel.openChannel({ ...numbered(0), senderId, transport: wire.peer() })
    const [alice, bob] = [await open('alice'), await open('bob')]
    const receiver = counting([bob])
    await steadyFlow([alice], COUNT)
    await receiver.arrived(COUNT)
    const { rss } = process.memoryUsage()
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    return { heap: (heapUsed + external) / MB, rss: rss / MB }
  },
  figures: [
    { name: '200,000 messages one way: heap', unit: 'MB', of: least('heap'), atMost: 80 },
    { name: '200,000 messages one way: resident', unit: 'MB', of: least('rss'), atMost: 300 },
  ],
}
