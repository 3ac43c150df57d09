import { openChannel } from '@reliable-channels/channel'
import { jsonCodec, typed } from '@reliable-channels/messages'
import {
  ChannelProvider,
  type ListedMessage,
  useChannel,
  useHealth,
  useMembers,
  useMessages,
  useQuota,
  useReceipts,
  useSend,
} from '@reliable-channels/react'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { levelStore } from '@reliable-channels/store/level'
import { BrowserLevel } from 'browser-level'
import { type ReactNode, useState } from 'react'
import { z } from 'zod'

// #region open
const network = simulatedNetwork({ seed: 3, loss: 0.2 }) // in an application: createWakuTransport(…)
const store = levelStore(new BrowserLevel('friends'))

const line = z.object({ text: z.string() })
type Line = z.infer<typeof line>

/** Opens the chat of one person. What was said, and what still has to leave, survives a reload. */
async function openChat(senderId: string) {
  const channel = await openChannel({
    channelId: 'friends',
    contentTopic: '/my-chat/1/friends/proto',
    senderId,
    transport: network.peer(senderId),
    store,
    receipts: 'all',
    historyMs: 24 * 3_600_000,
  })
  return typed(channel, jsonCodec(line))
}
// #endregion

// #region app
/** Asks for a name, and then shows the chat of that person. */
export function App() {
  const [name, setName] = useState<string>()
  if (name === undefined)
    return (
      <form action={(form) => setName(String(form.get('name')))}>
        <input name="name" aria-label="Your name" required />
        <button>Join</button>
      </form>
    )
  return (
    <ChannelProvider id={name} open={() => openChat(name)}>
      <Opened>
        <Here />
        <Lines />
        <Composer />
      </Opened>
    </ChannelProvider>
  )
}

/** Shows what is inside once the channel is open, and why where it could not be opened. */
function Opened({ children }: { children: ReactNode }) {
  const { status, error } = useChannel()
  if (status === 'opening') return <p role="status">Opening …</p>
  if (status === 'failed') return <p role="alert">{error instanceof Error ? error.message : 'It failed'}</p>
  return children
}
// #endregion

// #region lines
/** What was said: of the past first, then what comes, and what this person says. */
function Lines() {
  const messages = useMessages<Line>()
  return (
    <ol aria-live="polite">
      {messages.map((message) => (
        <li key={message.key}>
          <b>{message.senderId}</b> {message.value.text} {message.isOwn && <Ticks message={message} />}
        </li>
      ))}
    </ol>
  )
}

/** How far an own message has come: who has all of it, or what it waits for. */
function Ticks({ message }: { message: ListedMessage<Line> }) {
  const names = useReceipts(message)
  if (names.length > 0) return <small>{`✓✓ ${names.toSorted().join(', ')}`}</small>
  if (message.status?.state === 'delivery-failed') return <small>nobody has it yet</small>
  return <small>{message.status?.state === 'sent' ? '✓' : '…'}</small>
}
// #endregion

// #region composer
/** Says something. What `send` refuses is told where it was typed. */
function Composer() {
  const { send, isReady } = useSend<Line>()
  const [refused, setRefused] = useState<string>()
  const say = (form: FormData) => {
    try {
      send({ text: String(form.get('text')) })
      setRefused(undefined)
    } catch (error) {
      setRefused((error as Error).message)
    }
  }
  return (
    <form action={say}>
      <input name="text" aria-label="Message" required disabled={!isReady} />
      <button disabled={!isReady}>Send</button>
      {refused !== undefined && <p role="alert">{refused}</p>}
    </form>
  )
}
// #endregion

// #region here
/** Who was heard, whether something is missing, and when the quota runs out. */
function Here() {
  const members = useMembers()
  const health = useHealth()
  const quota = useQuota()
  return (
    <header>
      <p>Here: {members.map(({ senderId }) => senderId).join(', ') || 'nobody yet'}</p>
      {health !== undefined && health.missing > 0 && <p>Looking for {health.missing} messages …</p>}
      {quota?.state === 'approached' && <p>{quota.left} messages are left until the next epoch.</p>}
      {quota?.state === 'exhausted' && <p>What you say now leaves in the next epoch.</p>}
    </header>
  )
}
// #endregion

/** The network of this page, on which a test has others speak. */
export const peers = network
