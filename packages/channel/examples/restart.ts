import { openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'

const network = simulatedNetwork({ seed: 1 })
const key = new Uint8Array(32).fill(7) // or: await keyFromPassphrase('correct horse', { salt: 'friends, 2026' })
const disks: Record<string, Map<string, Uint8Array>> = { alice: new Map(), bob: new Map() }

/** Opens the channel for somebody, and says how to leave it: first the channel, then what it stands on. */
async function join(senderId: string) {
  const transport = network.peer(senderId)
  const store = memoryStore(disks[senderId]) // a real one: levelStore(new ClassicLevel(`./${senderId}`))
  const channel = await openChannel({
    channelId: 'friends',
    contentTopic: '/app/1/friends/proto',
    senderId,
    transport,
    store,
    cipher: xchacha({ key }),
    historyMs: 86_400_000, // a newcomer reads up to a day of what was said before
  })
  channel.incoming$.subscribe(({ senderId: author, payload }) =>
    console.log(`${senderId} reads: ${new TextDecoder().decode(payload)} (${author})`),
  )
  const leave = async (): Promise<void> => {
    await channel.close()
    await store.close()
    transport.close()
  }
  return { channel, leave }
}

const before = await join('alice')
const sent = before.channel.send(new TextEncoder().encode('Is anybody there?'))
await sent.sent()
console.log('alice leaves; her message is', sent.status.state)
await before.leave()

// Whoever comes later has it from the network's memory. Alice, back again, still knows what she has sent.
const bob = await join('bob')
const alice = await join('alice')
for (const request of alice.channel.requests) {
  const { deliveredTo } = await request.delivered()
  console.log(
    `${request.requestId === sent.requestId ? 'that message is' : '?'} delivered to ${deliveredTo.join()}`,
  )
}
await Promise.all([alice.leave(), bob.leave()])
