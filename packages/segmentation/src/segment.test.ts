import { StageOptionError } from '@reliable-channels/stage'
import { EMPTY, Subject, VirtualTimeScheduler, config, from, map, of, take, throwError, toArray } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it, vi } from 'vitest'
import { createReassemblyStage, segmentPayload } from './core.ts'
import {
  PayloadTooLargeError,
  SegmentQueueFullError,
  SegmentationOptionError,
  segment,
  segmentAll,
} from './index.ts'

const marbles = (): TestScheduler =>
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected)
  })

const small = { payload: new Uint8Array(500).fill(1), tag: 'small' }
/** Large enough for pauses: hashing takes three steps. */
const large = { payload: new Uint8Array(2_500_000), tag: 'large' }

describe('segment', () => {
  it('emits a frame for each segment, at once, with the other fields untouched', () => {
    const seen: unknown[] = []
    of(small)
      .pipe(segment({ segmentSizeBytes: 320, parityRate: 0.3 }))
      .subscribe((frame) => seen.push({ ...frame, payload: [...frame.payload] }))
    const expected = segmentPayload(small.payload, { segmentSizeBytes: 320, parityRate: 0.3 })
    expect(seen).toEqual(
      expected.map(({ payload, segment: info }) => ({ tag: 'small', payload: [...payload], segment: info })),
    )
    expect(seen).toHaveLength(4)
  })

  it('emits with the source, and passes completion and errors on', () => {
    marbles().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a--b-|', { a: small, b: small })
      const subscription = ' ^-----!'
      const expected = '     -a--b-|'
      const tagged = source.pipe(
        segment(),
        map(({ tag }) => tag),
      )
      expectObservable(tagged).toBe(expected, { a: 'small', b: 'small' })
      expectSubscriptions(source.subscriptions).toBe(subscription)
      expectObservable(throwError(() => 'broken').pipe(segment())).toBe('#', undefined, 'broken')
      expectObservable(EMPTY.pipe(segment())).toBe('|')
    })
  })

  it('pauses during a large payload, keeps the order, and completes when all is done', () => {
    const scheduler = marbles()
    const seen: string[] = []
    let completed = false
    const source = new Subject<typeof small>()
    const options = { segmentSizeBytes: 1_000_000, scheduler }
    source.pipe(segment(options)).subscribe({
      next: ({ tag, segment: { index } }) => seen.push(`${tag} ${index}`),
      complete: () => (completed = true),
    })
    source.next(large)
    source.next(small)
    source.complete()
    expect(seen).toEqual([])
    expect(completed).toBe(false)
    scheduler.flush()
    expect(seen).toEqual(['large 0', 'large 1', 'large 2', 'small 0'])
    expect(completed).toBe(true)
  })

  it('stops working on a large payload when its consumer leaves', () => {
    const scheduler = marbles()
    let emitted = 0
    const source = new Subject<typeof small>()
    const subscription = source.pipe(segment({ scheduler })).subscribe(() => emitted++)
    source.next(large)
    subscription.unsubscribe()
    scheduler.flush()
    expect(emitted).toBe(0)
    expect(source.observed).toBe(false)
  })

  it('holds on to nothing of the pauses that are over', () => {
    let pauses = 0
    class Counting extends VirtualTimeScheduler {
      override schedule: VirtualTimeScheduler['schedule'] = (work, delay, state) => {
        pauses++
        return super.schedule(work, delay, state)
      }
    }
    const scheduler = new Counting()
    const source = new Subject<typeof small>()
    const subscription = source.pipe(segment({ scheduler })).subscribe()
    const finalizers = (): number =>
      (subscription as unknown as { _finalizers: readonly unknown[] })._finalizers.length
    const before = finalizers()
    for (let i = 0; i < 5; i++) {
      source.next(large)
      scheduler.flush()
    }
    expect(pauses).toBeGreaterThan(5)
    expect(finalizers()).toBe(before)
    subscription.unsubscribe()
  })

  it('stops a synchronous source when its consumer has enough', () => {
    let taken = 0
    const source = from(
      (function* () {
        for (; taken < 1_000; taken++) yield small
      })(),
    )
    let got = 0
    source.pipe(segment({ segmentSizeBytes: 320 }), take(4)).subscribe(() => got++)
    expect(got).toBe(4)
    expect(taken).toBeLessThan(4)
  })

  it('takes frames that its own output leads to', () => {
    const source = new Subject<{ payload: Uint8Array; depth: number }>()
    const depths: number[] = []
    source.pipe(segment({ segmentSizeBytes: 320 })).subscribe(({ depth, segment: { index } }) => {
      depths.push(depth)
      if (depth < 2 && index === 0) source.next({ payload: new Uint8Array(300), depth: depth + 1 })
    })
    source.next({ payload: new Uint8Array(300), depth: 0 })
    expect(depths).toEqual([0, 0, 1, 1, 2, 2])
  })

  it('leaves out a payload that is too large, reports it, and goes on', () => {
    const rejected: unknown[] = []
    const tooLarge = { payload: new Uint8Array(257 * 64), tag: 'too large' }
    const tags: string[] = []
    of(small, tooLarge, small)
      .pipe(
        segment({
          segmentSizeBytes: 192,
          onReject: (frame, error) => rejected.push([frame.tag, error instanceof PayloadTooLargeError]),
        }),
        map(({ tag }) => tag),
        toArray(),
      )
      .subscribe((all) => tags.push(...all))
    expect(new Set(tags)).toEqual(new Set(['small']))
    expect(tags).toHaveLength(16)
    expect(rejected).toEqual([['too large', true]])
  })

  it('rejects what does not fit in its queue', () => {
    const scheduler = marbles()
    const rejected: unknown[] = []
    const source = new Subject<typeof small>()
    source
      .pipe(segment({ scheduler, maxWaiting: 2, onReject: (_, error) => rejected.push(error) }))
      .subscribe()
    for (const frame of [large, small, small, small]) source.next(frame)
    expect(rejected).toHaveLength(1)
    expect(rejected[0]).toBeInstanceOf(SegmentQueueFullError)
    expect(rejected[0]).toMatchObject({
      code: 'ERR_SEGMENT_QUEUE_FULL',
      message: 'at most 2 payloads may wait to be segmented; send slower, or raise maxWaiting',
    })
  })

  it('bounds what waits in bytes, and takes what comes while nothing waits whatever its size', () => {
    const scheduler = marbles()
    const rejected: string[] = []
    const source = new Subject<typeof small>()
    const tags: string[] = []
    source
      .pipe(
        segment({
          scheduler,
          maxWaitingBytes: 700,
          onReject: ({ tag }, error) => rejected.push(`${tag}: ${error.message}`),
        }),
      )
      .subscribe(({ tag }) => tags.push(tag))
    for (const frame of [large, small, small]) source.next(frame)
    expect(rejected).toEqual([
      'small: at most 700 bytes of payloads may wait to be segmented; send slower, or raise maxWaitingBytes',
    ])
    scheduler.flush()
    for (const frame of [large, small]) source.next(frame)
    scheduler.flush()
    expect(new Set(tags)).toEqual(new Set(['large', 'small']))
    expect(rejected).toHaveLength(1)
  })

  it('takes frames one by one when none may wait', () => {
    const seen: string[] = []
    of(small, small)
      .pipe(segment({ maxWaiting: 0, maxWaitingBytes: 0 }))
      .subscribe(({ tag }) => seen.push(tag))
    expect(seen).toEqual(['small', 'small'])
  })

  it('goes on when its listener throws', () => {
    const thrown: unknown[] = []
    config.onUnhandledError = (error) => thrown.push(error)
    vi.useFakeTimers()
    try {
      const tags: string[] = []
      of({ payload: new Uint8Array(257 * 64), tag: 'too large' }, small)
        .pipe(
          segment({
            segmentSizeBytes: 192,
            onReject: () => {
              throw new Error('of the listener')
            },
          }),
        )
        .subscribe({ next: ({ tag }) => tags.push(tag), complete: () => tags.push('end') })
      vi.runAllTimers()
      expect([tags[0], tags.at(-1)]).toEqual(['small', 'end'])
      expect(thrown).toEqual([new Error('of the listener')])
    } finally {
      vi.useRealTimers()
      config.onUnhandledError = null
    }
  })

  it('errors at a payload that is no bytes, and when its hasher fails', () => {
    const errors: unknown[] = []
    const listener = { error: (error: unknown) => errors.push(error) }
    of({ payload: 'text' as never }, small)
      .pipe(segment())
      .subscribe(listener)
    const hasher = (): never => {
      throw new Error('no hasher')
    }
    of(small).pipe(segment({ hasher })).subscribe(listener)
    expect(errors).toEqual([
      new SegmentationOptionError(
        '"payload" expected a Uint8Array, got a string of 4 characters: use new TextEncoder().encode(text)',
      ),
      new Error('no hasher'),
    ])
  })

  it('shares nothing between subscriptions', () => {
    const segments = of(small).pipe(segment({ segmentSizeBytes: 320 }))
    const counts = [0, 0]
    segments.subscribe(() => counts[0]!++)
    segments.subscribe(() => counts[1]!++)
    expect(counts).toEqual([3, 3])
  })

  it('refuses bad options when it is called', () => {
    for (const options of [
      { segmentSizeBytes: 1 },
      { segmentSizeBytes: '320' },
      { parityRate: '0.5' },
      { dialect: 'new' },
      { maxWaiting: NaN },
      { maxWaiting: '5' },
      { maxWaitingBytes: -1 },
      { onReject: 'log' },
      { hasher: {} },
      null,
    ]) {
      expect(() => segment(options as never), JSON.stringify(options)).toThrow(SegmentationOptionError)
    }
    expect(() => segment({ scheduler: 5 as never })).toThrow(StageOptionError)
    expect(() => segmentAll(new Uint8Array(1), { scheduler: 5 as never })).toThrow(StageOptionError)
  })

  it('makes segments that the stage takes, for a payload with pauses and parity', () => {
    const scheduler = marbles()
    const stage = createReassemblyStage()
    const payloads: Uint8Array[] = []
    of(large)
      .pipe(segment({ scheduler, parityRate: 0.2 }))
      .subscribe((frame) => {
        for (const output of stage.handle({ type: 'segment', frame }, 0).outputs) {
          if (output.type === 'message') payloads.push(output.payload)
        }
      })
    scheduler.flush()
    expect(payloads).toHaveLength(1)
    expect(Buffer.compare(payloads[0]!, large.payload)).toBe(0)
  })
})
