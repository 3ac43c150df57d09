import type { Frame } from '@reliable-channels/stage'
import { type Observable, of } from 'rxjs'
import { expectTypeOf, it } from 'vitest'
import {
  type DeliveredFrame,
  type Participant,
  type ParkedMessage,
  type TrafficFrame,
  type WrappedFrame,
} from './index.ts'
import type { encodeMessage } from './core.ts'

/** The type of bytes that sockets, blobs and Web Crypto take. */
type Sendable = Uint8Array<ArrayBuffer>

it('what SDS makes may be handed to a socket', () => {
  // N9
  expectTypeOf<WrappedFrame['payload']>().toEqualTypeOf<Sendable>()
  expectTypeOf<DeliveredFrame['payload']>().toEqualTypeOf<Sendable>()
  expectTypeOf<TrafficFrame['payload']>().toEqualTypeOf<Sendable>()
  expectTypeOf<ParkedMessage['content']>().toEqualTypeOf<Sendable>()
  expectTypeOf<ReturnType<typeof encodeMessage>>().toEqualTypeOf<Sendable>()
  expectTypeOf<ReturnType<Participant['contentOf']>>().toEqualTypeOf<Sendable | undefined>()
  const check = (participant: Participant): void => {
    const frame$ = of<Frame & { readonly token: symbol }>()
    expectTypeOf(frame$.pipe(participant.wrap())).toExtend<Observable<{ payload: Sendable; token: symbol }>>()
    expectTypeOf(frame$.pipe(participant.unwrap())).toExtend<
      Observable<{ payload: Sendable; token: symbol }>
    >()
    expectTypeOf(participant.traffic$.pipe(participant.encode())).toExtend<
      Observable<{ payload: Sendable }>
    >()
  }
  expectTypeOf(check).toBeFunction()
})
