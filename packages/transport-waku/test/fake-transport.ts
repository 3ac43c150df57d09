import type { TransportEvent, TransportMessage } from '@reliable-channels/transport'

import type { WakuDiagnostic } from '../src/diagnostics.ts'
import { type WakuTransportOptions, resolveOptions } from '../src/options.ts'
import { ServicesTransport } from '../src/services-transport.ts'
import { FakeServices } from './fake-services.ts'

/** The content topic of the tests. */
export const TOPIC = '/test/1/chat/proto'

/** A transport over {@link FakeServices}, and all that came out of it. */
export interface FakeTransport {
  readonly services: FakeServices
  readonly transport: ServicesTransport
  readonly events: TransportEvent[]
  readonly messages: TransportMessage[]
  readonly diagnostics: WakuDiagnostic[]
  /** Sends a text and returns its request id. */
  readonly send: (text: string, more?: { ephemeral?: boolean; contentTopic?: string }) => Promise<string>
  /** The final events of a request. */
  readonly outcomes: (requestId: string) => TransportEvent[]
  readonly diagnosed: <T extends WakuDiagnostic['type']>(type: T) => Extract<WakuDiagnostic, { type: T }>[]
}

/** Makes one, with randomness that is the same each time. */
export function fakeTransport(options: WakuTransportOptions = {}): FakeTransport {
  const services = new FakeServices()
  let seed = 1
  const random = (): number => {
    seed = (seed * 48_271) % 0x7fff_ffff
    return seed / 0x7fff_ffff
  }
  const transport = new ServicesTransport(
    services,
    resolveOptions({ random, maxAccepted: 10_000, ...options }),
  )
  const events: TransportEvent[] = []
  const messages: TransportMessage[] = []
  const diagnostics: WakuDiagnostic[] = []
  transport.events$.subscribe((event) => events.push(event))
  transport.messages$.subscribe((message) => messages.push(message))
  transport.diagnostics$.subscribe((diagnostic) => diagnostics.push(diagnostic))
  return {
    services,
    transport,
    events,
    messages,
    diagnostics,
    send: (text, more = {}) =>
      transport.send({
        contentTopic: TOPIC,
        ephemeral: false,
        payload: new TextEncoder().encode(text),
        ...more,
      }),
    outcomes: (requestId) =>
      events.filter((event) => event.requestId === requestId && event.type !== 'message-propagated'),
    diagnosed: (type) => diagnostics.filter((one) => one.type === type) as never,
  }
}
