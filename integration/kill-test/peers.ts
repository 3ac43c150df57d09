/** The members that outlive alice, and her place in their network. */
import { ReliableChannelManager } from '@reliable-channels/channel'
import {
  type Conditions,
  type SimulatedPeer,
  type VirtualTime,
  seededRandom,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import type { TransportEvent, TransportMessage } from '@reliable-channels/transport'
import { Subscription } from 'rxjs'
import { channelOptions, decodeContent, encodeContent, seededBytes } from './channels.ts'
import type { Ledger } from './ledger.ts'
import {
  type After,
  CHANNELS,
  type ChannelName,
  type Query,
  type Sender,
  type StepInput,
  type StepOutput,
} from './protocol.ts'

const PEERS = ['bob', 'carol'] as const
const ROUGH: Conditions = {
  loss: 0.1,
  duplicate: 0.05,
  reorder: 0.1,
  reorderMs: 300,
  jitterMs: 50,
  sendFailure: 0.03,
}
const GENTLE: Conditions = { loss: 0, duplicate: 0, reorder: 0, sendFailure: 0 }

/** The world around alice. */
export interface World {
  readonly time: VirtualTime
  /** Alice is there: what the network has for her is collected. */
  connect(): Connection
  /** Lets time pass, and the others send with this chance at each step. */
  pass(ms: number, sendRate: number): Promise<void>
  /** From now on nothing is lost any more. */
  calm(): void
  close(): Promise<void>
}

/** Alice's end of the network, in the process that outlives her. */
export interface Connection {
  /** Collects what came since the last call. */
  collect(): Omit<StepInput, 'ms'>
  /** Takes what she sent and asked. */
  take(output: StepOutput): void
  close(): void
}

export async function openWorld(seed: number, ledger: Ledger): Promise<World> {
  const time = virtualTime()
  const network = simulatedNetwork({ seed, scheduler: time, ...ROUGH })
  const random = seededRandom(seed, 'peers')
  const members = await Promise.all(
    PEERS.map(async (name) => {
      const randomBytes = seededBytes(seed, name)
      const manager = new ReliableChannelManager({
        transport: network.peer(name),
        scheduler: time,
        randomBytes,
      })
      const after: Record<ChannelName, After> = { plain: {}, acknowledged: {} }
      const next: Record<ChannelName, number> = { plain: 1, acknowledged: 1 }
      manager.incoming$.subscribe((message) => {
        const channel = message.channelId as ChannelName
        const sender = message.senderId as Sender
        const content = decodeContent(message.payload)
        ledger.peerReceived(name, channel, sender, content)
        after[channel][sender] = Math.max(after[channel][sender] ?? 0, content.n)
        void message.ack()
      })
      for (const channel of CHANNELS) await manager.create(channelOptions(channel, name, randomBytes))
      const send = (channel: ChannelName): void => {
        const n = next[channel]++
        manager.send(channel, encodeContent({ n, after: { ...after[channel] } }, random))
        after[channel][name] = n
        ledger.peerSent(name, channel, n)
      }
      return { manager, send }
    }),
  )
  return {
    time,
    connect: () => connect(network.peer('alice')),
    async pass(ms, sendRate) {
      for (const { send } of members) for (const channel of CHANNELS) if (random() < sendRate) send(channel)
      await time.advance(ms)
    },
    calm: () => network.change(GENTLE),
    async close() {
      await Promise.all(members.map(({ manager }) => manager.closeAll()))
      network.close()
    },
  }
}

function connect(peer: SimulatedPeer): Connection {
  let messages: TransportMessage[] = []
  let events: TransportEvent[] = []
  let answers: { id: number; messages: TransportMessage[] }[] = []
  /** Her request ids by those of the network. */
  const requests = new Map<string, string>()
  const subscription = new Subscription()
  subscription.add(peer.messages$.subscribe((message) => messages.push(message)))
  subscription.add(
    peer.events$.subscribe((event) => {
      const requestId = requests.get(event.requestId)
      if (requestId !== undefined) events.push({ ...event, requestId })
    }),
  )
  for (const channel of CHANNELS)
    void peer.subscribe(channelOptions(channel, 'alice', () => new Uint8Array(0)).contentTopic)

  const answer = async ({ id, contentTopic, sinceMs, hashes }: Query): Promise<void> => {
    const found: TransportMessage[] = []
    try {
      const source =
        hashes === undefined
          ? peer.history({ contentTopic: contentTopic!, sinceMs: sinceMs! })
          : peer.fetch(hashes)
      for await (const message of source) found.push(message)
      answers.push({ id, messages: found })
    } catch {
      // She is gone.
    }
  }
  return {
    collect() {
      const collected = { messages, events, answers }
      messages = []
      events = []
      answers = []
      return collected
    },
    take({ sent, queries }) {
      for (const { requestId, envelope } of sent) {
        void peer.send(envelope).then((id) => requests.set(id, requestId))
      }
      for (const query of queries) void answer(query)
    },
    close() {
      subscription.unsubscribe()
      peer.close()
    },
  }
}
