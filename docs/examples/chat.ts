import { openChannel } from '@reliable-channels/channel'
import { jsonCodec, typed } from '@reliable-channels/messages'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { firstValueFrom, skip } from 'rxjs'
import { z } from 'zod'

// #region join
const network = simulatedNetwork({ seed: 5, jitterMs: 300, duplicate: 0.3, reorder: 0.3 })
const codec = jsonCodec(z.object({ text: z.string(), replyTo: z.string().optional() }))

/** A line of the chat as somebody's screen shows it. */
interface Line {
  readonly author: string
  readonly text: string
  tick: string
}

/** Opens the chat for somebody. */
async function join(senderId: string) {
  const channel = await openChannel({
    channelId: 'friends',
    contentTopic: '/my-chat/1/friends/proto',
    senderId,
    transport: network.peer(senderId),
    store: memoryStore(), // in an application: levelStore(…), so that the chat survives a restart
    historyMs: 24 * 3_600_000, // a newcomer reads what was said in the last day
    receipts: 'all', // each says what he has, so that ticks can name everybody
  })
  const chat = typed(channel, codec)
  const lines: Line[] = []
  chat.incoming$.subscribe(({ value, senderId: author }) => {
    lines.push({ author, text: value.text, tick: '' })
  })
  return { chat, lines }
}
// #endregion

// #region say
/** Says something, and shows how far it came: a tick when the network has it, then the names of those who have it. */
async function say({ chat, lines }: Awaited<ReturnType<typeof join>>, text: string, replyTo?: string) {
  const line: Line = { author: chat.channel.senderId, text, tick: '' }
  lines.push(line)
  const sent = chat.send({ text, replyTo })
  await sent.sent()
  line.tick = '✓'
  sent.receipts$.subscribe((names) => {
    if (names.length > 0) line.tick = `✓✓ ${names.toSorted().join(' and ')}`
  })
  return sent
}
// #endregion

// #region run
const alice = await join('alice')
const bob = await join('bob')
const question = await say(alice, 'Lunch at noon?')
await question.delivered()
const yes = await say(bob, 'Yes!', question.messageId)
await yes.delivered()

// Carol joins later, and reads what was said before.
const carol = await join('carol')
await firstValueFrom(carol.chat.incoming$.pipe(skip(1)))
const answer = await say(carol, 'Me too.', question.messageId)
await answer.deliveredToAll(['alice', 'bob'])

for (const { chat, lines } of [alice, carol]) {
  console.log(`on ${chat.channel.senderId}'s screen`)
  for (const { author, text, tick } of lines) console.log(`  ${author}: ${text} ${tick}`.trimEnd())
}
await Promise.all([alice, bob, carol].map(({ chat }) => chat.channel.close()))
// #endregion
