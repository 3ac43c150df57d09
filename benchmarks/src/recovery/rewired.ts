import type { Transport, TransportMessage } from '@reliable-channels/transport'
import type { Observable } from 'rxjs'

/** Those parts of a {@link rewired} transport that differ from the one that it stands for. */
export interface Rewiring {
  readonly send?: Transport['send']
  /** Makes what is heard of what the network brings. */
  readonly hear?: (messages$: Observable<TransportMessage>) => Observable<TransportMessage>
  /** Whether the network's memory can be asked. @default true */
  readonly memory?: boolean
}

/** A transport in the place of another. */
export function rewired(transport: Transport, { send, hear, memory = true }: Rewiring): Transport {
  const { events$, messages$, connection$, maxMessageBytes } = transport
  return {
    send: send ?? ((envelope) => transport.send(envelope)),
    events$,
    messages$: hear?.(messages$) ?? messages$,
    connection$,
    maxMessageBytes,
    subscribe: (contentTopic) => transport.subscribe(contentTopic),
    unsubscribe: (contentTopic) => transport.unsubscribe(contentTopic),
    ...(memory && transport.fetch && { fetch: transport.fetch.bind(transport) }),
    ...(memory && transport.history && { history: transport.history.bind(transport) }),
  }
}
