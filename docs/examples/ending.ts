import { openChannel } from '@reliable-channels/channel'
import { faultyTransport, simulatedNetwork, transportFaults } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { asyncScheduler } from 'rxjs'

const network = simulatedNetwork({ seed: 2 })
const channel = { channelId: 'errands', contentTopic: '/my-app/1/errands/proto' }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

// #region open
// This network never answers. The user, or a clock, has had enough.
const faults = transportFaults()
const deaf = faultyTransport(network.peer('deaf'), { faults, scheduler: asyncScheduler })
faults.change({ topics: 'hangs' })
await openChannel({
  ...channel,
  senderId: 'alice',
  transport: deaf,
  signal: AbortSignal.timeout(200), // or that of an AbortController behind a button
}).catch((error: Error) => console.log(`not opened: ${error.name}`))
// #endregion

// #region using
/** Asks, and waits for an answer, but not for ever. Whatever happens, nothing stays open. */
async function ask(question: string, withinMs: number): Promise<string> {
  using transport = network.peer('alice')
  await using store = memoryStore()
  await using chat = await openChannel({ ...channel, senderId: 'alice', transport, store })
  const sent = chat.send(bytes(question))
  const { deliveredTo } = await sent.delivered({ signal: AbortSignal.timeout(withinMs) })
  return `${deliveredTo.join()} has it`
} // Left in turn: the channel, the store, the transport.

await ask('Who buys bread?', 500).catch((error: Error) => console.log(`nobody is there: ${error.name}`))

await using bob = await openChannel({ ...channel, senderId: 'bob', transport: network.peer('bob') })
bob.incoming$.subscribe()
console.log(await ask('Who buys milk?', 30_000))
// #endregion
