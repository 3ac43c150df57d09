import { type RateLimiter, createRateLimiter } from '@reliable-channels/rate-limit'
import type { Frame } from '@reliable-channels/stage'
import { type Entry, type Store, memoryStore } from '@reliable-channels/store'
import fc from 'fast-check'
import { Subject, VirtualTimeScheduler } from 'rxjs'
import { expect, it } from 'vitest'

const EPOCH_MS = 1000
const frame: Frame = { payload: Uint8Array.of(1) }

async function entries(store: Store): Promise<Entry[]> {
  const all: Entry[] = []
  for await (const entry of store.entries('')) all.push(entry)
  return all
}

/** Lets the store's promises call back. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

it('a limiter never exceeds its quota over crashes, wherever between a write and its end they fall', async () => {
  // RTL-05
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(
        fc.record({
          frames: fc.integer({ min: 0, max: 30 }),
          ms: fc.integer({ min: 0, max: 1500 }),
          crash: fc.constantFrom('none', 'before the write', 'after the write', 'after the release'),
        }),
        { maxLength: 25 },
      ),
      async (messagesPerEpoch, steps) => {
        const store = memoryStore()
        const scheduler = new VirtualTimeScheduler()
        const perEpoch = new Map<number, number>()
        let crash = 'none'
        let process = 0
        const start = async (): Promise<{ limiter: RateLimiter; source: Subject<Frame> }> => {
          const mine = ++process
          const limiter = createRateLimiter({
            enabled: true,
            epochMs: EPOCH_MS,
            messagesPerEpoch,
            scheduler,
            restore: await entries(store),
            async write(changes) {
              // A process that has crashed writes nothing, and its writes never end.
              if (mine !== process || crash === 'before the write') return new Promise(() => {})
              await store.write(changes)
              if (crash === 'after the write') return new Promise(() => {})
            },
          })
          const source = new Subject<Frame>()
          source.pipe(limiter.lane('a')).subscribe(() => {
            if (mine !== process) return
            const epoch = Math.floor(scheduler.now() / EPOCH_MS)
            perEpoch.set(epoch, (perEpoch.get(epoch) ?? 0) + 1)
          })
          return { limiter, source }
        }
        let { source } = await start()
        for (const step of steps) {
          crash = step.crash
          for (let i = 0; i < step.frames; i++) source.next(frame)
          await settled()
          const end = scheduler.frame + step.ms
          for (let time = scheduler.frame; time <= end; time += 100) {
            scheduler.maxFrames = time
            scheduler.flush()
            scheduler.frame = time
            await settled()
          }
          if (crash !== 'none') {
            process++
            crash = 'none'
            source = (await start()).source
          }
        }
        expect(Math.max(0, ...perEpoch.values())).toBeLessThanOrEqual(messagesPerEpoch)
      },
    ),
    { numRuns: 150 },
  )
})
