/** The life of the process that is killed: from opening its store to wherever it ends. */
import {
  type ChannelEvent,
  type ChannelMessageReceivedEvent,
  QueueFullError,
  ReliableChannelManager,
  type SendHandle,
} from '@reliable-channels/channel'
import type { Cipher } from '@reliable-channels/encryption'
import { seededRandom, virtualTime } from '@reliable-channels/simulator'
import type { Store } from '@reliable-channels/store'
import type { Envelope, Transport, TransportEvent, TransportMessage } from '@reliable-channels/transport'
import { BehaviorSubject, Subject } from 'rxjs'
import { channelOptions, decodeContent, encodeContent, seededBytes } from './channels.ts'
import { withFault } from './faults.ts'
import {
  type After,
  CHANNELS,
  type ChannelName,
  type JournalEntry,
  type Opening,
  QUOTA,
  type Query,
  type RequestEnd,
  type Sender,
  type StepInput,
  type StepOutput,
} from './protocol.ts'

/** The parts of its platform that a session needs. */
export interface Platform {
  readonly store: Store
  /** Writes down, before it returns, what must outlive the process. */
  readonly journal: (entry: JournalEntry) => void
  /** Ends the process, before it returns if it can. */
  readonly die: () => void
}

export interface Session {
  step(input: StepInput): Promise<StepOutput>
  close(): Promise<void>
}

/** Share of its messages that the application wants to take back. */
const CANCEL_RATE = 0.1

/** Opens both channels on the store. Time passes only in {@link Session.step}. */
export async function openSession(platform: Platform, opening: Opening): Promise<Session> {
  const { plan, nowMs, memory } = opening
  const random = seededRandom(plan.seed, 'schedule')
  const randomBytes = seededBytes(plan.seed, 'bytes')
  const busy = createBusy()
  const time = virtualTime({ startMs: nowMs, settled: busy.over })
  let points = 0
  /** A moment at which the process may die. */
  const point = (): void => {
    if (++points === plan.killAt) platform.die()
  }
  const link = createLink(() => {
    platform.journal({ type: 'left', epoch: Math.floor(time.now() / QUOTA.epochMs) })
    point()
  })
  const manager = new ReliableChannelManager({
    transport: link.transport,
    store: deadly(withFault(platform.store, plan.fault), busy.track, point),
    scheduler: time,
    randomBytes,
    rateLimit: { enabled: true, ...QUOTA },
  })
  const next = { plain: memory.plain.next, acknowledged: memory.acknowledged.next }
  const after: Record<ChannelName, After> = {
    plain: { ...memory.plain.after },
    acknowledged: { ...memory.acknowledged.after },
  }
  /** To be acknowledged at the step of this number. */
  const unacknowledged: { step: number; message: ChannelMessageReceivedEvent; sender: Sender; n: number }[] =
    []
  /** To be taken back, if that is still possible, at the step of this number. */
  const doubtful: { step: number; channel: ChannelName; n: number; handle: SendHandle; stays: boolean }[] = []
  let step = 0

  manager.events$.subscribe((event) => {
    const end = endOf(event)
    if (end === undefined) return
    platform.journal({ type: 'ended', ...end })
    point()
  })
  manager.incoming$.subscribe((message) => {
    const channel = message.channelId as ChannelName
    const sender = message.senderId as Sender
    const content = decodeContent(message.payload)
    const { redelivered } = message
    platform.journal({ type: 'received', channel, sender, content, redelivered })
    after[channel][sender] = Math.max(after[channel][sender] ?? 0, content.n)
    point()
    if (channel === 'acknowledged') {
      unacknowledged.push({ step: step + Math.floor(random() * 8), message, sender, n: content.n })
    }
  })
  const slowly = (cipher: Cipher): Cipher => ({
    ...cipher,
    seal: (plain, context) => cipher.seal(plain, context),
    open: (sealed, context) => busy.track(later(point).then(() => cipher.open(sealed, context))),
  })
  for (const channel of CHANNELS) {
    const { requests } = await manager.create(channelOptions(channel, 'alice', randomBytes, slowly))
    for (const { requestId } of requests) platform.journal({ type: 'restored', channel, requestId })
  }

  const send = (channel: ChannelName): void => {
    const n = next[channel]++
    platform.journal({ type: 'sending', channel, n })
    try {
      const handle = manager.send(channel, encodeContent({ n, after: { ...after[channel] } }, random))
      const { requestId } = handle
      platform.journal({ type: 'requested', channel, n, requestId })
      const isDoubtful = random() < CANCEL_RATE
      if (isDoubtful)
        doubtful.push({ step: step + Math.floor(random() * 4), channel, n, handle, stays: false })
      handle.accepted().then(
        () => {
          // It may have been taken back while it was being stored.
          if (handle.status.state === 'cancelled') return
          const doubt = doubtful.find((one) => one.handle === handle)
          // No later message names what may be taken back.
          if (doubt === undefined) after[channel].alice = Math.max(after[channel].alice ?? 0, n)
          else doubt.stays = true
          platform.journal({ type: 'accepted', channel, n, after: after[channel].alice ?? 0 })
          point()
        },
        () => {},
      )
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
    }
  }

  const cancel = (): void => {
    const due = doubtful.filter((one) => one.step <= step)
    doubtful.splice(0, Infinity, ...doubtful.filter((one) => one.step > step))
    for (const { channel, n, handle, stays } of due) {
      const { requestId } = handle
      platform.journal({ type: 'cancelling', requestId })
      if (handle.cancel() === 'cancelled') continue
      if (stays) after[channel].alice = Math.max(after[channel].alice ?? 0, n)
      platform.journal({ type: 'too-late', channel, requestId, after: after[channel].alice ?? 0 })
    }
  }

  const acknowledge = (): void => {
    for (const { message, sender, n } of unacknowledged.filter((one) => one.step <= step)) {
      platform.journal({ type: 'acknowledging', channel: 'acknowledged', sender, n })
      message.ack().then(
        () => {
          platform.journal({ type: 'acknowledged', channel: 'acknowledged', sender, n })
          point()
        },
        () => {},
      )
    }
    unacknowledged.splice(0, Infinity, ...unacknowledged.filter((one) => one.step > step))
  }

  return {
    async step(input) {
      step++
      link.take(input)
      for (const channel of CHANNELS) if (random() < plan.sendRate) send(channel)
      cancel()
      acknowledge()
      await time.advance(input.ms)
      return { ...link.collect(), points }
    },
    async close() {
      const closing = manager.closeAll()
      await time.advance(0)
      await closing
    },
  }
}

/** The end of a request that an event tells, if it tells one. */
function endOf(
  event: ChannelEvent,
): (RequestEnd & { readonly requestId: string; readonly redelivered: boolean }) | undefined {
  switch (event.type) {
    case 'reliable:message:sent':
      return { ...toldOf(event), end: 'sent' }
    case 'reliable:message:send-error':
      return { ...toldOf(event), end: event.error === 'cancelled' ? 'cancelled' : 'send-error' }
    case 'reliable:message:delivered':
      return {
        ...toldOf(event),
        end: 'delivered',
        deliveredTo: event.deliveredTo,
        replaces: event.late ? 'delivery-error' : event.again ? 'delivered' : undefined,
      }
    case 'reliable:message:delivery-error':
      return { ...toldOf(event), end: 'delivery-error' }
    default:
      return undefined
  }
}

const toldOf = ({
  requestId,
  redelivered,
}: {
  readonly requestId: string
  readonly redelivered: boolean
}) => ({
  requestId,
  redelivered,
})

/** Counts what is under way outside of virtual time, and waits for its end. */
function createBusy() {
  const pending = new Set<Promise<unknown>>()
  return {
    track<T>(work: Promise<T>): Promise<T> {
      const noted: Promise<boolean> = work.then(
        () => pending.delete(noted),
        () => pending.delete(noted),
      )
      pending.add(noted)
      return work
    },
    async over(): Promise<void> {
      while (pending.size > 0) {
        await Promise.all(pending)
        // Its consequences may start more work.
        await later()
      }
    },
  }
}

/** The store, with points before and after each write. */
function deadly(store: Store, track: <T>(work: Promise<T>) => Promise<T>, point: () => void): Store {
  return {
    get: (key) => store.get(key),
    entries: (prefix) => store.entries(prefix),
    close: () => store.close(),
    write(changes) {
      const written = store.write(changes)
      point()
      return track(
        written.then(() => {
          point()
        }),
      )
    },
  }
}

/** One turn of the event loop. */
function later(then: () => void = () => {}): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      then()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** The transport of a process whose network is in another. */
function createLink(left: () => void) {
  const messages$ = new Subject<TransportMessage>()
  const events$ = new Subject<TransportEvent>()
  const asked = new Map<number, (messages: readonly TransportMessage[]) => void>()
  let sent: { requestId: string; envelope: Envelope }[] = []
  let queries: Query[] = []
  let requests = 0
  let ids = 0

  async function* ask(query: Omit<Query, 'id'>): AsyncGenerator<TransportMessage> {
    const id = ids++
    queries.push({ id, ...query })
    yield* await new Promise<readonly TransportMessage[]>((resolve) => asked.set(id, resolve))
  }
  const transport: Transport = {
    async send(envelope) {
      left()
      const requestId = `request ${requests++}`
      sent.push({ requestId, envelope })
      return requestId
    },
    events$,
    messages$,
    subscribe: () => Promise.resolve(),
    unsubscribe: () => Promise.resolve(),
    connection$: new BehaviorSubject('connected' as const),
    maxMessageBytes: 150_000,
    fetch: (hashes) => ask({ hashes }),
    history: ({ contentTopic, sinceMs }) => ask({ contentTopic, sinceMs }),
  }
  return {
    transport,
    take({ messages, events, answers }: StepInput) {
      for (const { id, messages: found } of answers) asked.get(id)?.(found)
      for (const event of events) events$.next(event)
      for (const message of messages) messages$.next(message)
    },
    collect(): Pick<StepOutput, 'sent' | 'queries'> {
      const collected = { sent, queries }
      sent = []
      queries = []
      return collected
    },
  }
}
