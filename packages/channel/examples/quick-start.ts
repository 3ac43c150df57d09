import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'

const network = simulatedNetwork({ seed: 13, loss: 0.3 })
const channel = { channelId: 'demo', contentTopic: '/demo/1/chat/proto' }
const alice = await openChannel({ ...channel, senderId: 'alice', transport: network.peer('alice') })
const bob = await openChannel({ ...channel, senderId: 'bob', transport: network.peer('bob') })

bob.incoming$.subscribe(({ senderId, payload }) => console.log(senderId, new TextDecoder().decode(payload)))

const sent = alice.send(new TextEncoder().encode('hello through 30 % loss'))
sent.status$.subscribe(({ state }) => console.log(state))
await sent.delivered()
await Promise.all([alice.close(), bob.close()])
