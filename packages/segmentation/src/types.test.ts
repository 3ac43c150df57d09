import type { Frame } from '@reliable-channels/stage'
import { type Observable, of } from 'rxjs'
import { expectTypeOf, it } from 'vitest'
import { reassemble, segment, type segmentAll } from './index.ts'
import type { SegmentFrame, segmentPayload } from './core.ts'

/** The type of bytes that sockets, blobs and Web Crypto take. */
type Sendable = Uint8Array<ArrayBuffer>

it('segments and whole messages may be handed to a socket', () => {
  // N9
  const frame$ = of<Frame & { readonly token: symbol }>()
  expectTypeOf(frame$.pipe(segment())).toExtend<Observable<{ payload: Sendable; token: symbol }>>()
  expectTypeOf(frame$.pipe(reassemble())).toExtend<Observable<{ payload: Sendable; token: symbol }>>()
  expectTypeOf<Awaited<ReturnType<typeof segmentAll>>>().toEqualTypeOf<SegmentFrame[]>()
  expectTypeOf<ReturnType<typeof segmentPayload>[number]['payload']>().toEqualTypeOf<Sendable>()
})
