import type { Frame } from '@reliable-channels/stage'
import fc from 'fast-check'
import { Subject, VirtualTimeScheduler } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type RateLimitFields, type RateLimiterOptions, createRateLimiter } from './index.ts'

interface Named extends Frame, RateLimitFields {
  readonly name: string
}

const EPOCH_MS = 1000

/** A limiter in virtual time whose writes take time; what came out of it is noted as `time name`. */
function setUp(options: RateLimiterOptions & { writeMs: (now: number) => number }) {
  const { writeMs, ...limiterOptions } = options
  const scheduler = new VirtualTimeScheduler()
  const writes: { readonly at: number; readonly done: () => void }[] = []
  const limiter = createRateLimiter({
    enabled: true,
    epochMs: EPOCH_MS,
    messagesPerEpoch: 2,
    scheduler,
    write: () => new Promise((done) => writes.push({ at: scheduler.now() + writeMs(scheduler.now()), done })),
    ...limiterOptions,
  })
  const source = new Subject<Named>()
  const out: string[] = []
  const subscription = source.pipe(limiter.lane('a')).subscribe({
    next: ({ name }) => out.push(`${scheduler.now()} ${name}`),
    complete: () => out.push(`${scheduler.now()} |`),
  })
  const flush = (time: number): void => {
    scheduler.maxFrames = time
    scheduler.flush()
    scheduler.frame = time
  }
  return {
    limiter,
    source,
    subscription,
    out,
    now: () => scheduler.now(),
    send: (name: string, fields: RateLimitFields = {}) =>
      source.next({ payload: Uint8Array.of(1), name, ...fields }),
    async advanceTo(time: number) {
      for (let at = scheduler.now(); at <= time; at += 10) {
        flush(at)
        for (const write of writes.splice(0)) {
          if (write.at <= at) write.done()
          else writes.push(write)
        }
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      }
    },
  }
}

/** How many came out in each epoch. */
function perEpoch(out: readonly string[]): number[] {
  const counts: number[] = []
  for (const line of out) {
    if (line.endsWith('|')) continue
    const epoch = Math.floor(Number.parseInt(line) / EPOCH_MS)
    counts[epoch] = (counts[epoch] ?? 0) + 1
  }
  return counts
}

describe('a frame whose quota is being stored when its epoch ends', () => {
  it('counts in the epoch in which it comes out, and goes first there', async () => {
    // RTL-05
    const { source, send, out, advanceTo } = setUp({ writeMs: (now) => (now < EPOCH_MS ? 200 : 0) })
    await advanceTo(900)
    for (const name of ['1', '2', '3', '4', '5']) send(name)
    source.complete()
    await advanceTo(4_000)
    expect(out.map((line) => line.split(' ')[1])).toEqual(['1', '2', '3', '4', '5', '|'])
    expect(Math.max(...perEpoch(out).filter((count) => count > 0)), out.join(', ')).toBe(2)
    expect(out.slice(0, 2)).toEqual(['1110 1', '1110 2'])
  })

  it('is asked once more whether it is still wanted, and may be removed', async () => {
    const { limiter, send, out, advanceTo } = setUp({ writeMs: (now) => (now < EPOCH_MS ? 200 : 0) })
    let wanted = true
    await advanceTo(900)
    send('1', { wanted: () => wanted })
    send('2')
    await advanceTo(1_050)
    wanted = false
    await advanceTo(2_000)
    expect(out.map((line) => line.split(' ')[1])).toEqual(['2'])
    expect(limiter.remove('a')).toBe(0)
  })

  it.each([
    ['a slow store', () => 130],
    ['a store that hangs at the end of each epoch', (now: number) => (now % EPOCH_MS > 800 ? 400 : 0)],
  ])(
    'never exceeds the quota of an epoch with %s, loses nothing and keeps the order',
    async (_name, writeMs) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 5 }),
          fc.array(fc.record({ frames: fc.nat(4), ms: fc.integer({ min: 0, max: 900 }) }), { maxLength: 8 }),
          async (messagesPerEpoch, steps) => {
            const { source, send, out, advanceTo, now } = setUp({ writeMs, messagesPerEpoch })
            let sent = 0
            for (const { frames, ms } of steps) {
              for (let i = 0; i < frames; i++) send(`${sent++}`)
              await advanceTo(now() + ms)
            }
            source.complete()
            await advanceTo(now() + 60_000)
            expect(Math.max(0, ...perEpoch(out).filter((count) => count > 0))).toBeLessThanOrEqual(
              messagesPerEpoch,
            )
            expect(out.map((line) => line.split(' ')[1])).toEqual([
              ...Array.from({ length: sent }, (_, i) => `${i}`),
              '|',
            ])
          },
        ),
        { numRuns: 30 },
      )
    },
  )
})

describe('a margin', () => {
  it('lets nothing leave in the last moments of an epoch, which is for what leaves before them', async () => {
    // RTL-05
    const { limiter, send, out, advanceTo } = setUp({ writeMs: () => 0, marginMs: 100 })
    await advanceTo(890)
    send('1')
    await advanceTo(920)
    send('2')
    send('3')
    send('4')
    expect(limiter.estimate('a')).toBe(1_080)
    await advanceTo(3_000)
    expect(out).toEqual(['890 1', '1000 2', '1000 3', '2000 4'])
  })

  it.each([-1, EPOCH_MS])('of %i ms is refused', (marginMs) => {
    expect(() => createRateLimiter({ enabled: true, epochMs: EPOCH_MS, marginMs })).toThrow(
      /"marginMs" expected a number from 0 to below 1000/,
    )
  })
})
