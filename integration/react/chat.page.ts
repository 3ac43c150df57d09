import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { type TypedChannel, readReceipts, typed } from '@reliable-channels/messages'
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
import { useReadReceipts } from '@reliable-channels/react/read-receipts'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { type ReactElement, StrictMode, createElement as h, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

/** The page, as its test sees it. */
export interface ChatPage {
  /** Channels that the provider has opened, and closed. */
  readonly counts: { opened: number; closed: number }
  /** Bob and Carol say something. */
  readonly say: (name: 'bob' | 'carol', text: string) => void
  /** Who has read the last that Bob has said, as Bob hears it. */
  readonly readers: () => readonly string[]
  readonly unmount: () => void
}

const text = {
  encode: (value: string): Uint8Array => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array): string => new TextDecoder().decode(bytes),
}
const network = simulatedNetwork({ seed: 1 })
const disks = new Map<string, Map<string, Uint8Array>>()
const counts = { opened: 0, closed: 0 }

const join = (senderId: string, channelId = 'friends'): Promise<ReliableChannel> => {
  const disk = disks.get(channelId + senderId) ?? new Map<string, Uint8Array>()
  disks.set(channelId + senderId, disk)
  return openChannel({
    channelId,
    contentTopic: `/app/1/${channelId}/proto`,
    senderId,
    transport: network.peer(senderId),
    store: memoryStore(disk),
    receipts: 'all',
    rateLimit: { epochMs: 600_000, messagesPerEpoch: 1_000 },
  })
}

function Message({ message }: { readonly message: ListedMessage<string> }): ReactElement {
  const receipts = useReceipts(message.isOwn ? message : undefined)
  const { readBy, read, error } = useReadReceipts(message)
  useEffect(read, [read])
  const readers = readBy.length === 0 ? '' : `, read by ${readBy.toSorted().join(' ')}`
  const ticks = message.isOwn
    ? ` (${receipts.toSorted().join(' ')}${readers}${error === undefined ? '' : ', failed'})`
    : ''
  return h('li', null, `${message.senderId}: ${message.value}${ticks}`)
}

function Chat(): ReactElement {
  const { status } = useChannel()
  const messages = useMessages<string>()
  const { send, isReady, status: sent } = useSend<string>()
  const members = useMembers()
  const health = useHealth()
  const quota = useQuota()
  return h(
    'main',
    null,
    h('p', { id: 'status' }, `${status}, ${health?.state}, ${quota?.limit}, sent ${sent?.state}`),
    h(
      'p',
      { id: 'members' },
      members
        .map(({ senderId }) => senderId)
        .toSorted()
        .join(' '),
    ),
    h(
      'ul',
      null,
      messages.map((message) => h(Message, { key: message.key, message })),
    ),
    h('button', { id: 'send', disabled: !isReady, onClick: () => send('hello from React') }, 'Send'),
  )
}

function App(): ReactElement {
  const [room, setRoom] = useState('friends')
  const open = async (): Promise<TypedChannel<string>> => {
    counts.opened++
    return typed(await join('alice', room), text)
  }
  return h(
    ChannelProvider<string>,
    { id: room, open, closed: () => void counts.closed++ },
    h(
      'button',
      { id: 'room', onClick: () => setRoom(room === 'friends' ? 'others' : 'friends') },
      'Other room',
    ),
    h(Chat),
  )
}

const others = { bob: typed(await join('bob'), text), carol: typed(await join('carol'), text) }
others.carol.incoming$.subscribe()
const bobReceipts = await readReceipts(others.bob)
others.bob.incoming$.subscribe((message) => {
  if (message.value.startsWith('hello')) bobReceipts.read(message)
})
const container = document.body.appendChild(document.createElement('div'))
const root = createRoot(container)
root.render(h(StrictMode, null, h(App)))

let bobsLast = ''
const chatPage: ChatPage = {
  counts,
  say(name, value) {
    const handle = others[name].send(value)
    if (name === 'bob') void handle.wrapped().then((messageId) => (bobsLast = messageId))
  },
  readers: () => bobReceipts.readBy(bobsLast),
  unmount: () => root.unmount(),
}
Object.assign(globalThis, { chatPage })
