import { openChannel } from '@reliable-channels/channel'
import { iterate, readReceipts, typed } from '@reliable-channels/messages'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { filter, firstValueFrom } from 'rxjs'

const network = simulatedNetwork({ seed: 1 })
const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}
const join = async (senderId: string) => {
  const channel = { channelId: 'friends', contentTopic: '/app/1/friends/proto', senderId }
  const transport = network.peer(senderId)
  const chat = typed(await openChannel({ ...channel, transport, receipts: 'all' }), text)
  return { chat, receipts: await readReceipts(chat) }
}
const [alice, bob, carol] = [await join('alice'), await join('bob'), await join('carol')]
carol.chat.incoming$.subscribe()
alice.chat.incoming$.subscribe()

const sent = alice.chat.send('Anybody there?')
for await (const message of iterate(bob.chat)) {
  bob.receipts.read(message)
  break
}
await sent.deliveredToAll(['bob', 'carol'])
console.log('Bob and Carol have it.')
const readers$ = alice.receipts.readBy$(await sent.wrapped())
const readers = await firstValueFrom(readers$.pipe(filter(({ length }) => length > 0)))
console.log(`${readers.join()} has read it.`)
await Promise.all([alice, bob, carol].map(({ chat }) => chat.channel.close()))
