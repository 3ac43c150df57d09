import type { ReliableChannel } from '@reliable-channels/channel'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { content, cpuUs, leastUs } from '../../sds/workload.ts'
import { type Author, hearing } from '../author.ts'
import { type Case, type Figure, type Run, least } from '../case.ts'
import type { Library } from '../checkout.ts'
import { counting } from '../flow.ts'
import { numbered } from '../topics.ts'

/** What grows, and the sizes at which a message is measured. */
const SIZES = {
  history: [1_000, 10_000, 100_000, 1_000_000],
  parked: [1, 100, 5_000],
  channels: [1, 100, 10_000],
  members: [2, 10, 100, 1_000],
} as const
type Growing = keyof typeof SIZES

const CHUNK = 500
const ROUNDS = 5
const WARM_UP = 4
/** Messages of a group. */
const FEW = 4

/** Says so many messages of 100 B, and resolves when they have arrived. */
type Say = (author: Author, count: number) => Promise<void>

/** What says messages to a channel, which may have heard none yet. */
function saying(bob: ReliableChannel): Say {
  const receiver = counting([bob])
  let said = 0
  return (author, count) => {
    for (const end = said + count; said < end; said++) author.say(content(said))
    return receiver.arrived(said)
  }
}

/** A channel that hears authors. */
async function listening(
  library: Library,
  options: Partial<Parameters<typeof library.channel.openChannel>[0]> = {},
): Promise<{ readonly bob: ReliableChannel; readonly author: (name: string) => Author; readonly say: Say }> {
  const { transport, author } = hearing(library)
  const bob = await library.channel.openChannel({ ...numbered(0), senderId: 'bob', transport, ...options })
  return { bob, author, say: saying(bob) }
}

/** CPU of a message that arrives, in µs. */
async function usOfArrival(say: Say, author: Author): Promise<number> {
  return (await leastUs(ROUNDS, () => cpuUs(() => say(author, CHUNK)))) / CHUNK
}

/** By how many came before it, all of which are kept. */
async function byHistory(library: Library): Promise<number[]> {
  const most = 2 * SIZES.history.at(-1)!
  const sds = { maxHistory: most, maxHistoryBytes: 1_000 * most }
  const { bob, author, say } = await listening(library, { sds })
  const alice = author('alice')
  const us: number[] = []
  let said = 0
  for (const size of SIZES.history) {
    for (; said < size - ROUNDS * CHUNK; said += CHUNK) await say(alice, CHUNK)
    us.push(await usOfArrival(say, alice))
    said += ROUNDS * CHUNK
  }
  await bob.close()
  return us
}

/** By how many of another have come and wait for one that is missing. */
async function byParked(library: Library): Promise<number[]> {
  const us: number[] = []
  for (const size of SIZES.parked) {
    const { bob, author, say } = await listening(library)
    const [alice, carol] = [author('alice'), author('carol')]
    alice.lose(content(0))
    for (let i = 0; i < size; i++) alice.say(content(i))
    us.push(await usOfArrival(say, carol))
    await bob.close()
  }
  return us
}

/** By how many channels the node has. */
async function byChannels(library: Library): Promise<number[]> {
  const { transport, author } = hearing(library)
  const manager = new library.channel.ReliableChannelManager({ transport })
  const say = saying(await manager.create({ ...numbered(0), senderId: 'bob' }))
  const alice = author('alice')
  const us: number[] = []
  let open = 1
  for (const size of SIZES.channels) {
    for (; open < size; open++) await manager.create({ ...numbered(open), senderId: 'bob' })
    us.push(await usOfArrival(say, alice))
  }
  return us
}

/** Frames on the network for a message, by how many members hear it; in virtual time, the same on every machine. */
async function byMembers(library: Library): Promise<number[]> {
  const frames: number[] = []
  for (const size of SIZES.members) {
    const scheduler = virtualTime()
    const network = simulatedNetwork({ seed: 1, scheduler })
    const open = (i: number): Promise<ReliableChannel> =>
      library.channel.openChannel({
        ...numbered(0),
        senderId: `member-${i}`,
        transport: network.peer(`member-${i}`),
        scheduler,
      })
    const [alice] = await Promise.all(Array.from({ length: size }, (_, i) => open(i)))
    let sent = 0
    network.traffic$.subscribe(({ type }) => {
      if (type === 'sent') sent++
    })
    for (let i = 0; i < FEW; i++) {
      alice!.send(content(i))
      await scheduler.run({ maxMs: 5_000 })
    }
    frames.push(sent / FEW)
  }
  return frames
}

const MEASURES: Readonly<Record<Growing, (library: Library) => Promise<number[]>>> = {
  history: byHistory,
  parked: byParked,
  channels: byChannels,
  members: byMembers,
}

/** The exponent with which the cost grows from the first size to the last: 0 of what does not, 1 of what does in proportion. */
export function exponentOf(costs: readonly number[], sizes: readonly number[]): number {
  return Math.log(costs.at(-1)! / costs[0]!) / Math.log(sizes.at(-1)! / sizes[0]!)
}

const nameOf = (growing: Growing, size: number): string => `${growing}-${size}`

/** The rows of what grows: one for each size, and how fast the cost does. */
const rowsOf = (growing: Growing, what: (size: string) => string, unit: string, atMost: number): Figure[] => {
  const sizes = SIZES[growing]
  const costs = (runs: readonly Run[]): number[] => sizes.map((size) => least(nameOf(growing, size))(runs))
  return [
    ...sizes.map((size) => ({
      name: what(size.toLocaleString('en')),
      unit,
      of: least(nameOf(growing, size)),
    })),
    {
      name: `exponent: ${what(`${sizes[0].toLocaleString('en')} to ${sizes.at(-1)!.toLocaleString('en')}`)}`,
      unit: '',
      of: (runs) => exponentOf(costs(runs), sizes),
      atMost,
    },
  ]
}

/** What a message costs as work grows. */
export const growth: Case = {
  id: 'growth',
  rounds: 1,
  async run(library) {
    const run: Record<string, number> = {}
    const { author, say } = await listening(library)
    const alice = author('alice')
    // What the first size costs is not to be the compiler's time.
    for (let i = 0; i < WARM_UP; i++) await usOfArrival(say, alice)
    for (const growing of Object.keys(SIZES) as Growing[]) {
      const costs = await MEASURES[growing](library)
      for (const [i, size] of SIZES[growing].entries()) run[nameOf(growing, size)] = costs[i]!
    }
    return run
  },
  figures: [
    ...rowsOf('history', (size) => `arrival with a history of ${size}`, 'µs', 0.1),
    ...rowsOf('parked', (size) => `arrival while ${size} others are parked`, 'µs', 0.1),
    ...rowsOf('channels', (size) => `arrival at a node of ${size} channels`, 'µs', 0.1),
    ...rowsOf('members', (size) => `frames for a message, ${size} members`, '', 0.1),
  ],
}
