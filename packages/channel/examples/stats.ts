import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'

const network = simulatedNetwork({ seed: 13, loss: 0.3 })
const channel = { channelId: 'demo', contentTopic: '/demo/1/chat/proto' }
const alice = await openChannel({ ...channel, senderId: 'alice', transport: network.peer('alice') })
const bob = await openChannel({ ...channel, senderId: 'bob', transport: network.peer('bob') })
bob.incoming$.subscribe()

await alice.send(new TextEncoder().encode('hello through 30 % loss')).delivered()
const { messages, out, waiting } = alice.stats()
console.log(`${messages.delivered} delivered, with ${out.content} frame and ${out.retransmission} sent again`)
console.log(`${waiting.unacknowledged} unacknowledged; bob has ${bob.stats().messages.received}`)
await Promise.all([alice.close(), bob.close()])
