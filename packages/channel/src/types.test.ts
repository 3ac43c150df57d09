import type { Envelope, Transport, TransportMessage } from '@reliable-channels/transport'
import { describe, expectTypeOf, it } from 'vitest'
import type {
  ChannelDiagnosticEvent,
  ChannelMessageReceivedEvent,
  DiagnosticCode,
  DispatchedMessage,
  SendHandler,
} from './index.ts'

/** The type of bytes that sockets, blobs and Web Crypto take. */
type Sendable = Uint8Array<ArrayBuffer>
/** Whether a type is `unknown` or `any`, which say nothing. */
type SaysNothing<T> = unknown extends T ? true : false

describe('types that a user meets', () => {
  it('bytes may be handed to a socket, wherever they come out', () => {
    // N9
    expectTypeOf<ChannelMessageReceivedEvent['payload']>().toEqualTypeOf<Sendable>()
    expectTypeOf<DispatchedMessage['envelope']['payload']>().toEqualTypeOf<Sendable>()
    expectTypeOf<Parameters<SendHandler>[0]['payload']>().toEqualTypeOf<Sendable>()
    expectTypeOf<Envelope['payload']>().toEqualTypeOf<Sendable>()
    expectTypeOf<NonNullable<Envelope['meta']>>().toEqualTypeOf<Sendable>()
    expectTypeOf<TransportMessage['payload']>().toEqualTypeOf<Sendable>()
    const forward = (socket: WebSocket, key: CryptoKey, { payload }: Envelope): unknown => {
      socket.send(payload)
      return [new Blob([payload]), crypto.subtle.encrypt({ name: 'AES-GCM', iv: payload }, key, payload)]
    }
    expectTypeOf(forward).toBeFunction()
    expectTypeOf<Transport['send']>().parameter(0).toEqualTypeOf<Envelope>()
  })

  it('the code of a diagnostic tells what its detail is, for each code', () => {
    // N9
    type Detail<C extends DiagnosticCode> = Extract<ChannelDiagnosticEvent, { readonly code: C }>['detail']
    type Unknown = { [C in DiagnosticCode]: SaysNothing<Detail<C>> extends true ? C : never }[DiagnosticCode]
    expectTypeOf<Unknown>().toEqualTypeOf<never>()
    expectTypeOf<ChannelDiagnosticEvent['code']>().toEqualTypeOf<DiagnosticCode>()
    const read = (event: ChannelDiagnosticEvent): string | number => {
      if (event.code === 'slow') return event.detail.what
      if (event.code === 'store-shared') return event.detail.entries
      if (event.code === 'missing') return event.detail.entries.length
      return event.code === 'store-corrupt' ? event.detail.key : event.code
    }
    expectTypeOf(read).toBeFunction()
  })
})
