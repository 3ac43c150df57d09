import { jsWaku, openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'

// #region after
const network = simulatedNetwork({ seed: 1 }) // in an application: await createWakuTransport({ … })
const channel = await openChannel({
  channelId: 'lobby',
  contentTopic: '/my-chat/1/lobby/proto',
  senderId: 'alice',
  transport: network.peer('alice'),
  profile: jsWaku, // as long as some members still use ReliableChannel of @waku/sdk
})

channel.events$.subscribe((event) => {
  switch (event.type) {
    case 'reliable:message:received':
      return console.log('message-received', new TextDecoder().decode(event.payload))
    case 'reliable:message:sent':
      return console.log('message-sent')
    case 'reliable:message:delivered':
      return console.log('message-acknowledged by', event.deliveredTo.join())
    case 'reliable:message:delivery-error':
      return console.log('nobody has it yet:', event.error)
    case 'diagnostic':
      return event.code === 'lost' ? console.log('irretrievable-message') : undefined
    default:
      return undefined
  }
})
channel.incoming$.subscribe()

const sent = channel.send(new TextEncoder().encode('hello'))
// #endregion

const bob = await openChannel({
  channelId: 'lobby',
  contentTopic: '/my-chat/1/lobby/proto',
  senderId: 'bob',
  transport: network.peer('bob'),
  profile: jsWaku,
})
bob.incoming$.subscribe()
await sent.delivered()
await bob.send(new TextEncoder().encode('hello alice')).delivered()
await Promise.all([channel.close(), bob.close()])
