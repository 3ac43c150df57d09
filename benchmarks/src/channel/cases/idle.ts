import { memoryInUse } from '../../sds/workload.ts'
import { type Case, least } from '../case.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const COUNT = 1_000

/** The memory of a channel on which nothing was sent yet. */
export const idle: Case = {
  id: 'idle',
  rounds: 2,
  async run(library) {
    const manager = new library.channel.ReliableChannelManager({ transport: createWire(library).peer() })
    // Memory that the first channel takes for all others does not count.
    await manager.create({ ...numbered(COUNT), senderId: 'alice' })
    const before = await memoryInUse()
    for (let i = 0; i < COUNT; i++) await manager.create({ ...numbered(i), senderId: 'alice' })
    return { kB: ((await memoryInUse()) - before) / COUNT / 1_000 }
  },
  figures: [{ name: 'memory of an idle open channel', unit: 'kB', of: least('kB'), atMost: 40 }],
}
