import { ReliableChannelManager } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'

const network = simulatedNetwork({ seed: 1 })
const key = new Uint8Array(32).fill(7) // a real one: crypto.getRandomValues(new Uint8Array(32))

/** One node: one transport, one quota, one store for all its channels. */
const node = (name: string) =>
  new ReliableChannelManager({
    transport: network.peer(name),
    store: memoryStore(),
    rateLimit: { enabled: true, epochMs: 1_000, messagesPerEpoch: 50 },
  })
const alice = node('alice')
const bob = node('bob')
for (const [senderId, manager] of Object.entries({ alice, bob })) {
  await manager.create({ channelId: 'team', contentTopic: '/app/1/team/proto', senderId })
  await manager.create({
    channelId: 'vault',
    contentTopic: '/app/1/vault/proto',
    senderId,
    cipher: xchacha({ key }),
  })
}
bob.incoming$.subscribe(({ channelId, senderId, payload }) => {
  console.log(`${senderId} in ${channelId}: ${new TextDecoder().decode(payload)}`)
})

await alice.send('team', new TextEncoder().encode('lunch?')).delivered()
const { deliveredTo } = await alice.send('vault', new TextEncoder().encode('the code is 1234')).delivered()
console.log(`delivered to ${deliveredTo.join()}`)
await Promise.all([alice.closeAll(), bob.closeAll()])
