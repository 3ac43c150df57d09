import type { Frame } from '@reliable-channels/stage'
import {
  Subject,
  VirtualTimeScheduler,
  config,
  of,
  toArray,
  firstValueFrom,
  Observable,
  take,
  from,
} from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import {
  type Cipher,
  CipherOptionError,
  type EncryptionError,
  aesGcm,
  createKeyRing,
  decrypt,
  encrypt,
  fromHook,
  none,
  xchacha,
} from './index.ts'

const context = { channelId: 'room', contentTopic: '/app/1/room/proto' }
interface Numbered extends Frame {
  readonly n: number
}
const frame = (n: number): Numbered => ({ n, payload: Uint8Array.of(n) })
const numbers = (count: number): Numbered[] => Array.from({ length: count }, (_, i) => frame(i))

/** A cipher whose calls are answered by hand, by the first byte of the frame. */
function manual() {
  const open = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: Error): void }>()
  const cipher: Cipher = {
    ...none(),
    seal: (plain) => new Promise((resolve, reject) => open.set(plain[0]!, { resolve, reject })),
  }
  const answer = async (n: number): Promise<void> => {
    open.get(n)!.resolve(Uint8Array.of(n, n))
    await settled()
  }
  return { cipher, open, answer }
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

describe('encrypt and decrypt', () => {
  it.each<[string, Cipher]>([
    ['xchacha', xchacha({ key: new Uint8Array(32) })],
    ['aesGcm', aesGcm({ key: new Uint8Array(32) })],
    ['none', none()],
  ])('give back the frames with all their fields, in order (%s)', async (_, cipher) => {
    const sent = numbers(20)
    const got = await firstValueFrom(
      from(sent).pipe(
        encrypt(cipher, { context: ({ n }) => ({ ...context, senderId: `${n}` }), concurrency: 4 }),
        decrypt(cipher, { context: ({ n }) => ({ ...context, senderId: `${n}` }), concurrency: 3 }),
        toArray(),
      ),
    )
    expect(got).toEqual(sent)
  })

  it('are synchronous with a synchronous cipher', () => {
    const cipher = xchacha({ key: new Uint8Array(32) })
    const seen: (number | string)[] = []
    of(frame(1), frame(2))
      .pipe(encrypt(cipher, { context }), decrypt(cipher, { context }))
      .subscribe({ next: ({ n }) => seen.push(n), complete: () => seen.push('|') })
    expect(seen).toEqual([1, 2, '|'])
  })

  it('leave out and report a frame that fails; its siblings go on, in order', async () => {
    // ENC-02
    const cipher = fromHook({
      encrypt: async (plain) => {
        if (plain[0]! % 3 === 1) throw new Error(`${plain[0]} is bad`)
        return Uint8Array.of(...plain, 0)
      },
      decrypt: (sealed) => sealed,
    })
    const rejected: string[] = []
    const got = await firstValueFrom(
      from(numbers(8)).pipe(
        encrypt(cipher, {
          context,
          concurrency: 3,
          onReject: ({ n }, { message, reason }) => rejected.push(`${n} ${reason} ${message}`),
        }),
        toArray(),
      ),
    )
    expect(got.map(({ n }) => n)).toEqual([0, 2, 3, 5, 6])
    expect(rejected).toEqual([
      '1 cipher-failed encryption failed: 1 is bad',
      '4 cipher-failed encryption failed: 4 is bad',
      '7 cipher-failed encryption failed: 7 is bad',
    ])
  })

  it('report a frame whose context cannot be told', () => {
    const rejected: EncryptionError[] = []
    const seen: number[] = []
    of(frame(1), frame(2))
      .pipe(
        encrypt(none(), {
          context: ({ n }) => {
            if (n === 1) throw new Error('no channel')
            return context
          },
          onReject: (_, error) => rejected.push(error),
        }),
      )
      .subscribe(({ n }) => seen.push(n))
    expect(seen).toEqual([2])
    expect(rejected.map(({ message }) => message)).toEqual(['encryption failed: no channel'])
  })

  it('reject what is no frame, and say how it becomes one', () => {
    const rejected: string[] = []
    of(new Uint8Array(3) as never, undefined as never)
      .pipe(encrypt(none(), { context, onReject: (_, { message }) => rejected.push(message) }))
      .subscribe()
    expect(rejected).toEqual([
      'encryption failed: "frame" expected an object with "payload", got Uint8Array: use map((payload) => ({ payload })) before it',
      'encryption failed: "frame" expected an object with "payload", got undefined',
    ])
  })

  it('have one frame in hand at a time, unless told otherwise', async () => {
    const one = manual()
    const source = new Subject<Numbered>()
    const seen: number[] = []
    source.pipe(encrypt(one.cipher, { context })).subscribe(({ n }) => seen.push(n))
    for (const n of [0, 1, 2]) source.next(frame(n))
    expect([...one.open.keys()]).toEqual([0])
    await one.answer(0)
    expect([...one.open.keys()]).toEqual([0, 1])
    await one.answer(1)
    await one.answer(2)
    expect(seen).toEqual([0, 1, 2])
  })

  it('keep the order when a later frame is ready first, and hold no more than the concurrency', async () => {
    const three = manual()
    const source = new Subject<Numbered>()
    const seen: (number | string)[] = []
    source
      .pipe(encrypt(three.cipher, { context, concurrency: 3 }))
      .subscribe({ next: ({ n }) => seen.push(n), complete: () => seen.push('|') })
    for (const { n } of numbers(5)) source.next(frame(n))
    source.complete()
    expect([...three.open.keys()]).toEqual([0, 1, 2])
    await three.answer(2)
    await three.answer(1)
    expect(seen).toEqual([])
    expect(three.open.size).toBe(3)
    await three.answer(0)
    expect(seen).toEqual([0, 1, 2])
    expect([...three.open.keys()]).toEqual([0, 1, 2, 3, 4])
    await three.answer(4)
    await three.answer(3)
    expect(seen).toEqual([0, 1, 2, 3, 4, '|'])
  })

  it('let each frame out as it is ready, where the order does not matter, and fill its place', async () => {
    const three = manual()
    const source = new Subject<Numbered>()
    const seen: (number | string)[] = []
    source
      .pipe(encrypt(three.cipher, { context, concurrency: 3, ordered: false }))
      .subscribe({ next: ({ n }) => seen.push(n), complete: () => seen.push('|') })
    for (const { n } of numbers(5)) source.next(frame(n))
    source.complete()
    for (const n of [2, 0, 3, 4, 1]) await three.answer(n)
    expect(seen).toEqual([2, 0, 3, 4, 1, '|'])
  })

  it('reject what comes when as many wait as may', async () => {
    const { cipher, answer } = manual()
    const source = new Subject<Numbered>()
    const seen: number[] = []
    const rejected: string[] = []
    source
      .pipe(
        encrypt(cipher, {
          context,
          maxWaiting: 2,
          onReject: ({ n }, { message, reason }) => rejected.push(`${n} ${reason} ${message}`),
        }),
      )
      .subscribe(({ n }) => seen.push(n))
    for (const { n } of numbers(4)) source.next(frame(n))
    expect(rejected).toEqual(['3 queue-full encryption failed: 2 frames wait already'])
    for (const n of [0, 1, 2]) await answer(n)
    source.next(frame(5))
    await answer(5)
    expect(seen).toEqual([0, 1, 2, 5])
  })

  it('go on after a cipher that never answers', async () => {
    const clock = new VirtualTimeScheduler()
    const { cipher, answer } = manual()
    const source = new Subject<Numbered>()
    const seen: number[] = []
    const reasons: string[] = []
    source
      .pipe(
        encrypt(cipher, {
          context,
          timeoutMs: 100,
          scheduler: clock,
          onReject: (_, { reason }) => reasons.push(reason),
        }),
      )
      .subscribe(({ n }) => seen.push(n))
    source.next(frame(0))
    source.next(frame(1))
    clock.flush()
    await settled()
    await answer(1)
    expect(reasons).toEqual(['timeout'])
    expect(seen).toEqual([1])
  })

  it('tell the cipher to stop when they are unsubscribed, and report nothing more', async () => {
    let signal: AbortSignal | undefined
    const cipher: Cipher = {
      ...none(),
      seal: (_, bounded) => {
        signal = bounded.signal
        return new Promise(() => {})
      },
    }
    const reports: unknown[] = []
    const source = new Subject<Numbered>()
    const subscription = source
      .pipe(encrypt(cipher, { context, onReject: (_, error) => reports.push(error) }))
      .subscribe()
    source.next(frame(0))
    expect(signal!.aborted).toBe(false)
    subscription.unsubscribe()
    expect(signal!.aborted).toBe(true)
    await settled()
    expect(reports).toEqual([])
    expect(source.observed).toBe(false)
  })

  it('pass an error of the source on, and stop a synchronous source when nobody listens', () => {
    const failure = new Error('transport')
    const seen: unknown[] = []
    new Observable<Numbered>((subscriber) => subscriber.error(failure))
      .pipe(encrypt(none(), { context }))
      .subscribe({ error: (error) => seen.push(error) })
    expect(seen).toEqual([failure])
    let made = 0
    new Observable<Numbered>((subscriber) => {
      while (!subscriber.closed) subscriber.next(frame(made++))
    })
      .pipe(encrypt(none(), { context }), take(2))
      .subscribe()
    expect(made).toBe(3)
  })

  it('seal with the key in force at that moment', async () => {
    // ENC-03
    const keyRing = createKeyRing({ keys: [new Uint8Array(32).fill(1)] })
    const source = new Subject<Numbered>()
    const sealed: Uint8Array[] = []
    source.pipe(encrypt(xchacha({ keyRing }), { context })).subscribe(({ payload }) => sealed.push(payload))
    source.next(frame(1))
    const newest = new Uint8Array(32).fill(2)
    keyRing.rotate(newest)
    source.next(frame(2))
    const onlyNewest = xchacha({ key: newest })
    const opened: number[] = []
    const reasons: string[] = []
    from(sealed.map((payload) => ({ payload })))
      .pipe(decrypt(onlyNewest, { context, onReject: (_, { reason }) => reasons.push(reason) }))
      .subscribe(({ payload }) => opened.push(payload[0]!))
    expect(opened).toEqual([2])
    expect(reasons).toEqual(['unknown-key'])
  })

  it('bound what waits in bytes, too', async () => {
    const { cipher, answer } = manual()
    const reports: string[] = []
    const seen: number[] = []
    const source = new Subject<Numbered>()
    source
      .pipe(
        encrypt(cipher, {
          context,
          maxWaitingBytes: 25,
          onReject: ({ n }, { message, reason }) => reports.push(`${n} ${message} (${reason})`),
        }),
      )
      .subscribe(({ n }) => seen.push(n))
    for (let n = 0; n < 5; n++) source.next({ n, payload: new Uint8Array(n === 4 ? 5 : 10).fill(n) })
    expect(reports).toEqual(['3 encryption failed: 25 bytes wait already (queue-full)'])
    for (const n of [0, 1, 2, 4]) await answer(n)
    source.next({ n: 5, payload: new Uint8Array(100).fill(5) })
    await answer(5)
    expect(seen).toEqual([0, 1, 2, 4, 5])
    expect(reports).toHaveLength(1)
  })

  it('go on, and complete, when their listener throws', async () => {
    const thrown: unknown[] = []
    config.onUnhandledError = (error) => thrown.push(error)
    vi.useFakeTimers()
    try {
      const cipher = fromHook({
        encrypt: async (plain) => {
          if (plain[0] === 0) throw new Error('bad')
          return Uint8Array.of(...plain, 0)
        },
        decrypt: (sealed) => sealed,
      })
      const seen: unknown[] = []
      from(numbers(3))
        .pipe(
          encrypt(cipher, {
            context,
            onReject: () => {
              throw new Error('of the listener')
            },
          }),
        )
        .subscribe({ next: ({ n }) => seen.push(n), complete: () => seen.push('|') })
      await settled()
      await settled()
      vi.runAllTimers()
      expect(seen).toEqual([1, 2, '|'])
      expect(thrown).toEqual([new Error('of the listener')])
    } finally {
      vi.useRealTimers()
      config.onUnhandledError = null
    }
  })

  it('reject a frame over whose context its function throws, whatever it throws', () => {
    const reports: string[] = []
    of(frame(1))
      .pipe(
        encrypt(none(), {
          context: () => {
            AbortSignal.abort('no context').throwIfAborted()
            return context
          },
          onReject: (_, { message, reason }) => reports.push(`${message} (${reason})`),
        }),
      )
      .subscribe()
    expect(reports).toEqual(['encryption failed: no context (cipher-failed)'])
  })

  it('throw when they are called with what is no cipher, or without a context', () => {
    expect(() => encrypt({} as never, { context })).toThrow(
      '"cipher" expected a cipher such as xchacha({ key }), with "seal" and "open", got an object',
    )
    expect(() => decrypt(undefined as never, { context })).toThrow(
      new CipherOptionError(
        '"cipher" expected a cipher such as xchacha({ key }), with "seal" and "open", got undefined',
      ),
    )
    expect(() => decrypt(none(), undefined as never)).toThrow(
      new CipherOptionError('"options" expected an object with "context", got undefined'),
    )
    expect(() => decrypt(none(), {} as never)).toThrow(
      '"context" expected an object or a function, got undefined',
    )
  })

  it.each([
    [{ concurrency: 0 }, '"concurrency" expected an integer from 1, got 0'],
    [{ maxWaiting: -1 }, '"maxWaiting" expected an integer from 0, got -1'],
    [{ maxWaitingBytes: NaN }, '"maxWaitingBytes" expected a number from 0, got NaN'],
    [{ timeoutMs: 0 }, '"timeoutMs" expected a number above 0, got 0'],
    [{ timeoutMs: '5' as never }, '"timeoutMs" expected a number above 0, got "5"'],
    [{ onReject: 'log' as never }, '"onReject" expected a function, or nothing, got "log"'],
  ])('throw at bad options when they are called: %j', (options, message) => {
    expect(() => encrypt(none(), { context, ...options })).toThrow(message)
    expect(() => decrypt(none(), { context, ...options })).toThrow(message)
  })
})
