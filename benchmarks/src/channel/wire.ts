import type { Envelope, Transport, TransportEvent, TransportMessage } from '@reliable-channels/transport'
import type { Library } from './checkout.ts'

/** A network within the process that costs next to nothing: what is sent in one turn has arrived in the next. */
export interface Wire {
  peer(): Transport
}

/** A message that has been sent and has not arrived. */
interface OnItsWay {
  readonly from: Peer
  readonly requestId: string
  readonly message: TransportMessage
}

interface Peer {
  readonly topics: Map<string, number>
  readonly messages: { next(message: TransportMessage): void }
  readonly events: { next(event: TransportEvent): void }
}

/** Makes a wire of the observables of a checkout. It loses nothing, repeats nothing, and keeps the order. */
export function createWire({ rxjs }: Pick<Library, 'rxjs'>): Wire {
  const peers: Peer[] = []
  let onItsWay: OnItsWay[] = []
  let sent = 0

  const arrive = (): void => {
    const arriving = onItsWay
    onItsWay = []
    for (const { from, requestId, message } of arriving) {
      from.events.next({ type: 'message-sent', requestId, hash: message.hash })
      for (const peer of peers) {
        if (peer !== from && peer.topics.has(message.contentTopic)) peer.messages.next(message)
      }
    }
  }

  const send = (from: Peer, { contentTopic, payload, ephemeral, meta }: Envelope): string => {
    if (onItsWay.length === 0) setImmediate(arrive)
    const hash = (++sent).toString(16).padStart(64, '0')
    const message = { hash, contentTopic, payload, ephemeral, timestampMs: Date.now(), ...(meta && { meta }) }
    onItsWay.push({ from, requestId: hash, message })
    return hash
  }

  return {
    peer() {
      const messages = new rxjs.Subject<TransportMessage>()
      const events = new rxjs.Subject<TransportEvent>()
      const peer: Peer = { topics: new Map(), messages, events }
      peers.push(peer)
      return {
        maxMessageBytes: 150_000,
        send: (envelope) => Promise.resolve(send(peer, envelope)),
        events$: events.asObservable(),
        messages$: messages.asObservable(),
        connection$: rxjs.of('connected' as const),
        subscribe(topic) {
          peer.topics.set(topic, (peer.topics.get(topic) ?? 0) + 1)
          return Promise.resolve()
        },
        unsubscribe(topic) {
          const count = (peer.topics.get(topic) ?? 0) - 1
          if (count > 0) peer.topics.set(topic, count)
          else peer.topics.delete(topic)
          return Promise.resolve()
        },
      }
    },
  }
}
