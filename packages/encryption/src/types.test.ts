import type { Frame } from '@reliable-channels/stage'
import { type Observable, of } from 'rxjs'
import { expectTypeOf, it } from 'vitest'
import {
  type Cipher,
  type DecryptionError,
  type XChaChaOptions,
  decrypt,
  encrypt,
  type keyFromPassphrase,
  none,
  type openFrame,
  sealFrame,
} from './index.ts'

interface Tagged extends Frame {
  readonly token: symbol
}
const context = { channelId: 'room', contentTopic: '/app/1/room/proto' }

it('the operators keep the type of the frames, and name that of the error', () => {
  const tagged$ = of<Tagged>()
  expectTypeOf(tagged$.pipe(encrypt(none(), { context }))).toExtend<
    Observable<Tagged & { payload: Uint8Array<ArrayBuffer> }>
  >()
  tagged$.pipe(
    decrypt(none(), {
      context: (frame) => {
        expectTypeOf(frame).toEqualTypeOf<Tagged>()
        return context
      },
      onReject: (frame, error) => {
        expectTypeOf(frame).toEqualTypeOf<Tagged>()
        expectTypeOf(error).toEqualTypeOf<DecryptionError>()
      },
    }),
  )
  expectTypeOf(sealFrame(none(), new Uint8Array(), context)).toEqualTypeOf<
    Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>
  >()
  expectTypeOf(none()).toEqualTypeOf<Cipher>()
})

it('what is sealed and opened, and a key, may be handed to a socket or to Web Crypto', () => {
  // N9
  type Sendable = Uint8Array<ArrayBuffer>
  expectTypeOf<Awaited<ReturnType<typeof openFrame>>>().toEqualTypeOf<Sendable>()
  expectTypeOf<Awaited<ReturnType<typeof sealFrame>>>().toEqualTypeOf<Sendable>()
  expectTypeOf<Awaited<ReturnType<typeof keyFromPassphrase>>>().toEqualTypeOf<Sendable>()
  expectTypeOf(of<Tagged>().pipe(decrypt(none(), { context }))).toExtend<
    Observable<{ payload: Sendable; token: symbol }>
  >()
})

it('a cipher takes one key or a ring, not both and not neither', () => {
  expectTypeOf<{ key: Uint8Array }>().toExtend<XChaChaOptions>()
  // @ts-expect-error neither
  expectTypeOf<object>().toExtend<XChaChaOptions>()
  // @ts-expect-error no bytes
  expectTypeOf<{ key: string }>().toExtend<XChaChaOptions>()
})
