import type { Frame } from '@reliable-channels/stage'
import { type Observable, of } from 'rxjs'
import { expectTypeOf, it } from 'vitest'
import {
  type Priority,
  type RateLimitFields,
  type Refusal,
  type Reservation,
  createRateLimiter,
  rateLimit,
} from './index.ts'

interface Tagged extends Frame, RateLimitFields {
  readonly token: symbol
}

it('lanes and the operator keep the type of what passes', () => {
  const limiter = createRateLimiter()
  const tagged$ = of<Tagged>()
  expectTypeOf(tagged$.pipe(limiter.lane('a'))).toEqualTypeOf<Observable<Tagged>>()
  expectTypeOf(of<{ payload: Uint8Array }>().pipe(limiter.lane('a'))).toEqualTypeOf<
    Observable<{ payload: Uint8Array }>
  >()
  expectTypeOf(of('text').pipe(rateLimit())).toEqualTypeOf<Observable<string>>()
  expectTypeOf(limiter.reserve('a', 1, 1)).toEqualTypeOf<Reservation | Refusal>()
  // @ts-expect-error a frame has a payload
  of({ text: 'none' }).pipe(limiter.lane('a'))
  // @ts-expect-error no such class
  expectTypeOf<'urgent'>().toExtend<Priority>()
})
