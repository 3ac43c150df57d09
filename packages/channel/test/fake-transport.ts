import type {
  ConnectionState,
  Envelope,
  Transport,
  TransportEvent,
  TransportMessage,
} from '@reliable-channels/transport'
import { BehaviorSubject, Subject } from 'rxjs'

/** A fake network: it takes everything, and what becomes of it is for the test to say. */
export interface FakeTransport extends Transport {
  readonly events$: Subject<TransportEvent>
  readonly messages$: Subject<TransportMessage>
  readonly connection$: BehaviorSubject<ConnectionState>
  /** The envelopes that were handed over, in order; the id of the n-th is `mn`. */
  readonly sent: Envelope[]
  /** Calls that came, such as `subscribe /a`. */
  readonly calls: string[]
  /** Takes the place of what `send` does. */
  onSend: (envelope: Envelope, id: string) => Promise<string> | string
  onSubscribe: (contentTopic: string) => Promise<void>
  onUnsubscribe: (contentTopic: string) => Promise<void>
  confirm(...ids: readonly string[]): void
  fail(id: string, error?: string): void
  /** Delivers an envelope to this node as the network would. */
  deliver(envelope: Envelope, hash?: string): void
}

export function fakeTransport(): FakeTransport {
  const sent: Envelope[] = []
  const calls: string[] = []
  let delivered = 0
  const transport: FakeTransport = {
    events$: new Subject(),
    messages$: new Subject(),
    connection$: new BehaviorSubject<ConnectionState>('connected'),
    maxMessageBytes: 150_000,
    sent,
    calls,
    onSend: (_, id) => id,
    onSubscribe: () => Promise.resolve(),
    onUnsubscribe: () => Promise.resolve(),
    send(envelope) {
      const id = `m${sent.length}`
      sent.push(envelope)
      return transport.onSend(envelope, id) as Promise<string>
    },
    subscribe(contentTopic) {
      calls.push(`subscribe ${contentTopic}`)
      return transport.onSubscribe(contentTopic)
    },
    unsubscribe(contentTopic) {
      calls.push(`unsubscribe ${contentTopic}`)
      return transport.onUnsubscribe(contentTopic)
    },
    confirm(...ids) {
      for (const requestId of ids)
        transport.events$.next({ type: 'message-sent', requestId, hash: `hash-${requestId}` })
    },
    fail: (requestId, error = 'no peers') =>
      transport.events$.next({ type: 'message-error', requestId, error }),
    deliver(envelope, hash = `in-${delivered++}`) {
      transport.messages$.next({ ...envelope, hash })
    },
  }
  return transport
}
