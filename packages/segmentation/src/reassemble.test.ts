import type { Change } from '@reliable-channels/store'
import { StageOptionError, committed, createUnitOfWork } from '@reliable-channels/stage'
import { Subject, VirtualTimeScheduler, from, lastValueFrom, map, toArray } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { segmentPayload } from './core.ts'
import {
  type ReassemblyEvent,
  type RebuiltEvent,
  SegmentationOptionError,
  createReassembler,
  reassemble,
} from './index.ts'

const payload = new Uint8Array(500).fill(5)
const frames = segmentPayload(payload, { segmentSizeBytes: 320, parityRate: 0.3 })

const marbles = (): TestScheduler =>
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected)
  })

function clockAt(ms: number): VirtualTimeScheduler {
  const scheduler = new VirtualTimeScheduler()
  scheduler.frame = ms
  return scheduler
}

/** Lets writes that succeed at once be seen. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

describe('reassemble', () => {
  it('emits the frame that completes a message, with the message as its payload', () => {
    marbles().run(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, c, d] = frames.map((frame, id) => ({ ...frame, id }))
      const source = cold('  -abcd|', { a: a!, b: b!, c: c!, d: d! })
      const subscription = ' ^----!'
      const expected = '     ---m-|'
      const messages = source.pipe(
        reassemble(),
        map(({ payload: whole, id, message }) => ({ whole, id, data: message.dataCount })),
      )
      expectObservable(messages).toBe(expected, { m: { whole: payload, id: 2, data: 3 } })
      expectSubscriptions(source.subscriptions).toBe(subscription)
    })
  })

  it('ends after a message that takes several turns, where its source has ended before', async () => {
    // X11
    const large = new Uint8Array(5_000_000).fill(7)
    const [first, ...others] = segmentPayload(large)
    const events: string[] = []
    const segments$ = from([...others, first!])
    const whole = segments$.pipe(reassemble({ onEvent: ({ type }) => events.push(type) }), toArray())
    const messages = await lastValueFrom(whole)
    expect(messages.map(({ payload: { length } }) => length)).toEqual([large.length])
    expect(new Set(events)).toEqual(new Set(['progress']))
  })

  it('forgets an incomplete set after its time, and says so', () => {
    marbles().run(({ cold, expectObservable, flush }) => {
      const [a, b, c] = frames
      const events: ReassemblyEvent[] = []
      const source = cold('a 40ms b 60ms c 80ms |', { a: a!, b: b!, c: c! })
      expectObservable(
        source.pipe(reassemble({ timeoutMs: 50, onEvent: (event) => events.push(event) })),
      ).toBe('183ms |')
      flush()
      expect(events.map((event) => event.type)).toEqual([
        'progress',
        'progress',
        'dropped',
        'progress',
        'dropped',
      ])
    })
  })

  it('ends its timer when its consumer leaves', () => {
    marbles().run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a---', { a: frames[0]! })
      expectObservable(source.pipe(reassemble()), '^-!').toBe('---')
      expectSubscriptions(source.subscriptions).toBe('^-!')
    })
  })

  it('keeps its state apart for each subscription', () => {
    const messages: number[] = []
    const whole = from(frames).pipe(reassemble())
    whole.subscribe(({ payload: bytes }) => messages.push(bytes.length))
    whole.subscribe(({ payload: bytes }) => messages.push(bytes.length))
    expect(messages).toEqual([500, 500])
  })

  it('tells what it turns away, and goes on', () => {
    const reasons: string[] = []
    const received: number[] = []
    from([{ payload: Uint8Array.of(255) }, ...frames])
      .pipe(
        reassemble({
          onEvent: (event) => {
            if (event.type === 'rejected') reasons.push(event.reason)
          },
        }),
      )
      .subscribe(({ payload: bytes }) => received.push(bytes.length))
    expect(received).toEqual([500])
    expect(reasons).toEqual(['undecodable', 'completed'])
  })

  it('ends a stream of what are no frames, and says how they become some', () => {
    const errors: unknown[] = []
    from([payload as never])
      .pipe(reassemble())
      .subscribe({ error: (error) => errors.push(error) })
    expect(errors).toEqual([
      new SegmentationOptionError(
        '"frame" expected an object with "payload", got Uint8Array: use map((payload) => ({ payload })) before it',
      ),
    ])
  })

  it('refuses bad options when it is called', () => {
    for (const options of [
      { maxSets: 0 },
      { timeoutMs: '5' },
      { maxCompleted: -1 },
      { onEvent: 'log' },
      { restore: 5 },
      null,
    ]) {
      expect(() => reassemble(options as never), JSON.stringify(options)).toThrow(SegmentationOptionError)
    }
    expect(() => createReassembler(null as never)).toThrow('"options" expected an object, got null')
    for (const options of [{ scheduler: 5 }, { write: 'store' }]) {
      expect(() => reassemble(options as never)).toThrow(StageOptionError)
      expect(() => createReassembler(options as never)).toThrow(StageOptionError)
    }
  })

  it('goes on from what was stored', async () => {
    const stored = new Map<string, Uint8Array>()
    const write = (changes: readonly Change[]): Promise<void> => {
      for (const { key, value } of changes) {
        if (value === undefined) stored.delete(key)
        else stored.set(key, value)
      }
      return Promise.resolve()
    }
    // SEG-39
    await lastValueFrom(from(frames.slice(0, 2)).pipe(reassemble({ write, keyPrefix: 'r/' }), toArray()))
    expect([...stored.keys()]).toEqual(['r/s0', 'r/s1'])
    const restore = [...stored].map(([key, value]) => ({ key: key.slice(2), value }))
    const received: Uint8Array[] = []
    from(frames.slice(3))
      .pipe(reassemble({ restore }))
      .subscribe(({ payload: bytes }) => received.push(bytes))
    expect(received).toEqual([payload])
  })
})

describe('createReassembler', () => {
  it('answers an offer of parked segments at once', () => {
    const reassembler = createReassembler()
    const rebuilt: RebuiltEvent[] = []
    reassembler.rebuilt$.subscribe((event) => rebuilt.push(event))
    reassembler.offer(
      frames.slice(1).map(({ payload: content }, index) => ({
        messageId: `m${index + 1}`,
        senderId: 'alice',
        content,
        missing: [`m${index}`],
        sameSenderHistory: [{ messageId: `m${index}` }],
      })),
    )
    expect(rebuilt).toMatchObject([
      { messageIds: ['m1', 'm2', 'm3'], waive: [{ messageId: 'm0', senderId: 'alice' }] },
    ])
    expect(reassembler.stats().parked).toBe(3)
    reassembler.close()
  })

  it('tells how full it is now and as that changes, and what has begun', () => {
    const reassembler = createReassembler()
    const seen: string[] = []
    const watching = reassembler.stats$.subscribe({
      next: ({ sets, shelved, begun }) => seen.push(`${sets} ${shelved} ${begun}`),
      complete: () => seen.push('over'),
    })
    expect(seen).toEqual(['0 0 undefined'])
    const messages: number[] = []
    const port = reassembler.openPort(({ payload }) => messages.push(payload.length))
    const others = segmentPayload(new Uint8Array(1_000).fill(9), { segmentSizeBytes: 320 })
    for (const [i, { payload }] of frames.slice(0, 2).entries())
      port.push({ payload, messageId: `m${i}`, senderId: 'alice' })
    port.push({ ...others[0]!, messageId: 'o0', senderId: 'bob' })
    expect(seen.at(-1)).toBe('2 0 m0')
    for (const [i, { payload }] of frames.slice(2).entries())
      port.push({ payload, messageId: `n${i}`, senderId: 'alice' })
    expect([messages.length, seen.at(-1)]).toEqual([1, '1 0 o0'])
    watching.unsubscribe()
    const { length } = seen
    port.push({ ...others[1]!, messageId: 'o1', senderId: 'bob' })
    expect(seen).toHaveLength(length)
    reassembler.stats$.subscribe({ complete: () => seen.push('over') })
    reassembler.close()
    expect(seen.slice(length)).toEqual(['over'])
  })

  it('puts its changes into the unit of work it is given, before its outputs are committed', async () => {
    const written: string[][] = []
    const unitOfWork = createUnitOfWork({
      write: (changes) => {
        written.push(changes.map(({ key }) => key))
        return Promise.resolve()
      },
    })
    const reassembler = createReassembler({ unitOfWork, keyPrefix: 'segments/' })
    const order: string[] = []
    const source = new Subject<(typeof frames)[number]>()
    source.pipe(reassembler.reassemble(), committed(unitOfWork)).subscribe(() => order.push('seen'))
    unitOfWork.run(() => {
      for (const frame of frames) source.next(frame)
    })
    order.push('written')
    await unitOfWork.stored()
    await Promise.resolve()
    expect(order).toEqual(['written', 'seen'])
    expect(written).toHaveLength(1)
    expect(written[0]).toContain('segments/c2')
  })

  it('does not hold the time in which it did not run against what it had', async () => {
    const stored = new Map<string, Uint8Array>()
    const write = async (changes: readonly Change[]): Promise<void> => {
      for (const { key, value } of changes) {
        if (value === undefined) stored.delete(key)
        else stored.set(key, value)
      }
    }
    const others = segmentPayload(new Uint8Array(500).fill(7), { segmentSizeBytes: 320 })
    await lastValueFrom(
      from([frames[0]!, others[0]!]).pipe(
        reassemble({ write, scheduler: clockAt(1_000), timeoutMs: 60_000 }),
        toArray(),
      ),
    )
    stored.set('s9', Uint8Array.of(0))

    const scheduler = clockAt(1_000_000)
    const restore = [...stored].map(([key, value]) => ({ key, value }))
    const reassembler = createReassembler({ write, restore, scheduler, timeoutMs: 60_000 })
    const dropped: string[] = []
    const times: number[] = []
    const received: number[] = []
    reassembler.events$.subscribe((event) => {
      if (event.type !== 'dropped') return
      dropped.push(event.reason)
      times.push(scheduler.now())
    })
    const source = new Subject<{ payload: Uint8Array }>()
    source.pipe(reassembler.reassemble()).subscribe(({ payload: bytes }) => received.push(bytes.length))
    scheduler.maxFrames = 1_000_000
    scheduler.flush()
    expect([...stored.keys()]).toEqual(['s0', 's1'])
    // SEG-39
    for (const frame of frames.slice(1)) source.next(frame)
    await turns()
    expect(received).toEqual([500])
    expect(dropped).toEqual([])

    // And with nothing further coming in, what was restored expires all the same.
    scheduler.maxFrames = 1_060_000
    scheduler.flush()
    await turns()
    expect([dropped, times]).toEqual([['expired'], [1_060_000]])
    reassembler.close()
  })

  it('tells of writes that fail, tries them again, and lets messages out meanwhile', async () => {
    const scheduler = clockAt(0)
    const tries: string[][] = []
    const told: unknown[] = []
    const reassembler = createReassembler({
      scheduler,
      write: (changes) => {
        tries.push(changes.map(({ key }) => key))
        return tries.length < 2 ? Promise.reject(new Error('disk full')) : Promise.resolve()
      },
      onWriteError: (error, attempt, retryMs) => told.push([(error as Error).message, attempt, retryMs]),
    })
    const received: number[] = []
    from(frames)
      .pipe(reassembler.reassemble())
      .subscribe(({ payload: bytes }) => received.push(bytes.length))
    await turns()
    expect(received).toEqual([500])
    expect(told).toEqual([['disk full', 1, 100]])
    scheduler.maxFrames = 1_000
    scheduler.flush()
    await turns()
    expect(tries).toHaveLength(2)
    expect(tries[1]).toContain('c2')
    reassembler.close()
  })

  it('puts a message out once, in the lane that completed it, when several sources feed it', async () => {
    const reassembler = createReassembler()
    const [relay, history] = [new Subject<{ payload: Uint8Array }>(), new Subject<{ payload: Uint8Array }>()]
    const operator = reassembler.reassemble<{ payload: Uint8Array }>()
    const seen: string[] = []
    relay.pipe(operator).subscribe(() => seen.push('relay'))
    history.pipe(operator).subscribe(() => seen.push('history'))
    relay.next(frames[0]!)
    history.next(frames[1]!)
    history.next(frames[2]!)
    relay.next(frames[2]!)
    expect(seen).toEqual(['history'])

    // Also where the very same frames come both ways before the message is out.
    const again = segmentPayload(new Uint8Array(500), { segmentSizeBytes: 320 })
    const stored = createReassembler({ write: () => Promise.resolve() })
    const both = new Subject<{ payload: Uint8Array }>()
    const out: string[] = []
    both.pipe(stored.reassemble()).subscribe(() => out.push('first'))
    both.pipe(stored.reassemble()).subscribe(() => out.push('second'))
    for (const frame of again) both.next(frame)
    await turns()
    expect(out).toEqual(['first'])
    stored.close()

    reassembler.close()
    expect([relay.observed, history.observed]).toEqual([false, false])
  })

  it('completes what it has opened when it is closed', () => {
    const reassembler = createReassembler()
    const completed: string[] = []
    const source = new Subject<(typeof frames)[number]>()
    source.pipe(reassembler.reassemble()).subscribe({ complete: () => completed.push('messages') })
    reassembler.events$.subscribe({ complete: () => completed.push('events') })
    reassembler.close()
    expect(new Set(completed)).toEqual(new Set(['messages', 'events']))
    expect(source.observed).toBe(false)
  })
})
