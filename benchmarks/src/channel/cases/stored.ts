import type { Change, Store } from '@reliable-channels/store'
import { type Case, least } from '../case.ts'
import { counting, steadyFlow } from '../flow.ts'
import { numbered } from '../topics.ts'
import { createWire } from '../wire.ts'

const WARM_UP = 200
const COUNT = 1_000

/** A store that counts what is written to it. */
function counted(store: Store): Store & { writes: number; bytes: number } {
  const weigh = ({ key, value }: Change): number => key.length + (value?.length ?? 0)
  return {
    writes: 0,
    bytes: 0,
    get: (key) => store.get(key),
    entries: (prefix) => store.entries(prefix),
    close: () => store.close(),
    write(changes) {
      this.writes++
      for (const change of changes) this.bytes += weigh(change)
      return store.write(changes)
    },
  }
}

/** The writes of small messages, one in each turn. */
export const stored: Case = {
  id: 'stored',
  rounds: 1,
  async run(library) {
    const wire = createWire(library)
    const stores = [counted(library.store.memoryStore()), counted(library.store.memoryStore())] as const
    const open = (senderId: string, store: Store): ReturnType<typeof library.channel.openChannel> =>
      library.channel.openChannel({ ...numbered(0), senderId, transport: wire.peer(), store })
    const [alice, bob] = [await open('alice', stores[0]), await open('bob', stores[1])]
    const receiver = counting([bob])
    await steadyFlow([alice], WARM_UP)
    await receiver.arrived(WARM_UP)
    for (const store of stores) store.writes = store.bytes = 0
    await steadyFlow([alice], COUNT)
    await receiver.arrived(WARM_UP + COUNT)
    const [{ writes: ofSender, bytes: sent }, { writes: ofReceiver, bytes: received }] = stores
    return {
      bytes: (sent + received) / COUNT,
      ofSender: ofSender / COUNT,
      ofReceiver: ofReceiver / COUNT,
    }
  },
  figures: [
    { name: 'written to the stores for a message of 100 B', unit: 'B', of: least('bytes'), atMost: 1_500 },
    { name: 'writes of the sender for a message', unit: '', of: least('ofSender'), atMost: 1.1 },
    { name: 'writes of the receiver for a message', unit: '', of: least('ofReceiver'), atMost: 1.1 },
  ],
}
