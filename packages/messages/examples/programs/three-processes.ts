// node three-processes.ts NAME DIRECTORY, once for each member; what is typed is said, and each line shows who has it.
import { createInterface } from 'node:readline/promises'
import { ReliableChannelManager } from '@reliable-channels/channel'
import { keyFromPassphrase, xchacha } from '@reliable-channels/encryption'
import { jsonCodec, typed } from '@reliable-channels/messages'
import { levelStore } from '@reliable-channels/store/level'
import { type CreateWakuTransportOptions, createWakuTransport } from '@reliable-channels/transport-waku'
import { ClassicLevel } from 'classic-level'
import { filter } from 'rxjs'
import { z } from 'zod'

const [senderId = 'anybody', directory = './chat'] = process.argv.slice(2)
const { NETWORK = '{"network":"the-waku-network"}', PASSPHRASE = '' } = process.env
const transport = await createWakuTransport(JSON.parse(NETWORK) as CreateWakuTransportOptions)
const manager = new ReliableChannelManager({ transport, store: levelStore(new ClassicLevel(directory)) })
const channel = await manager.create({
  channelId: 'friends',
  contentTopic: '/friends/1/chat/proto',
  senderId,
  cipher: xchacha({
    key: await keyFromPassphrase(PASSPHRASE, { salt: 'friends, 2026' }),
  }),
  receipts: 'all',
})
const chat = typed(channel, jsonCodec(z.object({ text: z.string() })))

/** Shows a line; an own one again whenever one more member has it. */
function show({ value, senderId: author, sentAt, messageId }: Line): void {
  const line = `${new Date(sentAt).toISOString().slice(11, 16)} ${author}: ${value.text}`
  if (author !== senderId) return console.log(line)
  channel.receipts(messageId).subscribe((members) => console.log(`${line} ✓ ${members.join(' ')}`))
}
type Line = Awaited<ReturnType<typeof chat.history>>['messages'][number]

const { messages } = await chat.history({ limit: 20 })
const shown = new Set(messages.map(({ messageId }) => messageId))
messages.forEach(show)
chat.incoming$.pipe(filter(({ messageId }) => !shown.has(messageId))).subscribe(show)
console.log(`Here as ${senderId}.`)

for await (const text of createInterface({ input: process.stdin })) {
  const sent = chat.send({ text })
  show({ value: { text }, senderId, sentAt: sent.sentAt, messageId: await sent.wrapped() })
}
await manager.closeAll()
await transport.close()
