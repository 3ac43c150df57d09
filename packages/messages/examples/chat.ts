import { openChannel } from '@reliable-channels/channel'
import { jsonCodec, typed } from '@reliable-channels/messages'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { firstValueFrom } from 'rxjs'
import { z } from 'zod'

const network = simulatedNetwork({ seed: 1, loss: 0.1 })
const codec = jsonCodec(z.object({ text: z.string(), replyTo: z.string().optional() }))

const join = async (senderId: string) => {
  const channel = { channelId: 'friends', contentTopic: '/app/1/friends/proto', senderId }
  return typed(await openChannel({ ...channel, transport: network.peer(senderId) }), codec)
}
const alice = await join('alice')
const bob = await join('bob')

bob.incoming$.subscribe(({ value, senderId, sentAt, messageId }) => {
  const ageS = Math.round((Date.now() - sentAt) / 1_000)
  console.log(`${senderId}, ${ageS < 60 ? 'just now' : `${ageS} s ago`}: ${value.text}`)
  bob.send({ text: 'Fine!', replyTo: messageId })
})

const question = alice.send({ text: 'How are you?' })
const { value, senderId } = await firstValueFrom(alice.incoming$)
const isAnswer = value.replyTo === question.messageId
console.log(`${senderId}${isAnswer ? ', about that' : ''}: ${value.text}`)
await Promise.all([alice.channel.close(), bob.channel.close()])
