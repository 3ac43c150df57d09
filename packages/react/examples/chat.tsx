import { openChannel } from '@reliable-channels/channel'
import { jsonCodec, typed } from '@reliable-channels/messages'
import {
  ChannelProvider,
  type ListedMessage,
  useChannel,
  useMembers,
  useMessages,
  useReceipts,
  useSend,
} from '@reliable-channels/react'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { z } from 'zod'

const network = simulatedNetwork({ seed: 1, loss: 0.1 })
const line = z.object({ text: z.string() })
type Line = z.infer<typeof line>

/** Opens Alice's channel; a page takes createWakuTransport(…) and levelStore(new BrowserLevel('chat')). */
const open = async () =>
  typed(
    await openChannel({
      channelId: 'friends',
      contentTopic: '/app/1/friends/proto',
      senderId: 'alice',
      transport: network.peer('alice'),
      receipts: 'all',
    }),
    jsonCodec(line),
  )

function Message({ message }: { message: ListedMessage<Line> }) {
  const receipts = useReceipts(message.isOwn ? message : undefined)
  return (
    <li title={receipts.join(', ')}>
      {message.senderId}: {message.value.text} {receipts.map(() => '✓')}
    </li>
  )
}

function Chat() {
  const { status, error } = useChannel()
  const messages = useMessages<Line>()
  const members = useMembers()
  const { send, isReady } = useSend<Line>()
  if (status === 'failed') return <p role="alert">{String(error)}</p>
  return (
    <form action={(form) => void send({ text: String(form.get('text')) })}>
      <p>Here: {members.map(({ senderId }) => senderId).join(', ')}</p>
      <ul>
        {messages.map((message) => (
          <Message key={message.key} message={message} />
        ))}
      </ul>
      <input name="text" required disabled={!isReady} />
    </form>
  )
}

export const App = () => (
  <ChannelProvider id="friends" open={open}>
    <Chat />
  </ChannelProvider>
)
