import { VirtualTimeScheduler } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { StageOptionError } from './check.ts'
import { GaveUpWaitingError, type WaitReport, withinLimit } from './within-limit.ts'

/** A promise that is settled by hand, what became of the wait for it, and what was reported. */
function bench(limitMs: number, more: { slowMs?: number; signal?: AbortSignal } = {}) {
  const scheduler = new VirtualTimeScheduler()
  const reports: WaitReport[] = []
  const late: string[] = []
  const outcomes: unknown[] = []
  const outside = Promise.withResolvers<string>()
  let aborted: unknown
  const wait = withinLimit(
    (signal) => {
      signal.addEventListener('abort', () => (aborted = signal.reason))
      return outside.promise
    },
    {
      what: 'store.get',
      limitMs,
      scheduler,
      report: (report) => reports.push(report),
      late: (value) => late.push(value),
      ...more,
    },
  )
  wait.then(
    (value) => outcomes.push(value),
    (error: unknown) => outcomes.push(error),
  )
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
  const pass = async (ms: number): Promise<void> => {
    scheduler.maxFrames = scheduler.frame + ms
    scheduler.flush()
    scheduler.frame = scheduler.maxFrames
    await settled()
  }
  return { scheduler, reports, late, outcomes, outside, settled, pass, abortedWith: () => aborted }
}

// F3, F20: nothing from outside is waited for without a limit.
describe('a wait within a limit', () => {
  it('settles as the promise does, tells nothing and leaves no timer', async () => {
    const ok = bench(300)
    ok.outside.resolve('value')
    await ok.settled()
    expect(ok.outcomes).toEqual(['value'])
    const bad = bench(300)
    bad.outside.reject(new Error('broken'))
    await bad.settled()
    expect(bad.outcomes).toEqual([new Error('broken')])
    for (const one of [ok, bad]) {
      await one.pass(1_000)
      expect(one.reports).toEqual([])
      expect(one.scheduler.actions).toEqual([])
    }
  })

  it('tells when it is slow, and when it gives up, with what was waited for', async () => {
    const { reports, outcomes, pass, abortedWith } = bench(300)
    await pass(299)
    expect(reports).toEqual([{ type: 'slow', what: 'store.get', waitedMs: 100 }])
    expect(outcomes).toEqual([])
    await pass(1)
    expect(reports.slice(1)).toEqual([{ type: 'gave-up-waiting', what: 'store.get', waitedMs: 300 }])
    expect(outcomes).toEqual([new GaveUpWaitingError('store.get', 300)])
    expect((outcomes[0] as Error).message).toBe('store.get did not answer within 300 ms')
    expect(abortedWith()).toBe(outcomes[0])
  })

  it('gives what comes late to who can use it, and swallows a late rejection', async () => {
    const value = bench(300)
    await value.pass(300)
    value.outside.resolve('at last')
    await value.settled()
    expect(value.late).toEqual(['at last'])
    const error = bench(300)
    await error.pass(300)
    error.outside.reject(new Error('unseen'))
    await error.settled()
    expect([error.late, error.outcomes.length]).toEqual([[], 1])
  })

  it('rejects with what the work throws', async () => {
    const failing = (): never => {
      throw new Error('at once')
    }
    await expect(withinLimit(failing, { what: 'hook', limitMs: 1 })).rejects.toThrow('at once')
    await expect(withinLimit(() => 7, { what: 'hook', limitMs: 1 })).resolves.toBe(7)
    await expect(withinLimit(Promise.resolve(8), { what: 'hook', limitMs: 1 })).resolves.toBe(8)
  })

  it('says that it is slow and never gives up without a limit', async () => {
    const { reports, outcomes, pass, outside, settled } = bench(Infinity, { slowMs: 50 })
    await pass(1e9)
    expect(reports).toEqual([{ type: 'slow', what: 'store.get', waitedMs: 50 }])
    outside.resolve('value')
    await settled()
    expect(outcomes).toEqual(['value'])
  })

  it('ends by a signal with its reason, and is not reported', async () => {
    const controller = new AbortController()
    const { outcomes, reports, settled, abortedWith, scheduler } = bench(300, { signal: controller.signal })
    controller.abort('enough')
    await settled()
    expect([outcomes, reports, abortedWith()]).toEqual([['enough'], [], 'enough'])
    expect(scheduler.actions).toEqual([])
    const { outcomes: atOnce, settled: turn } = bench(300, { signal: AbortSignal.abort('before') })
    await turn()
    expect(atOnce).toEqual(['before'])
  })

  it('begins once more when the machine slept over the limit', async () => {
    const { scheduler, outcomes, reports, pass } = bench(300, { slowMs: 300 })
    // The timer comes eight hours late.
    for (const action of scheduler.actions) action.delay = 28_800_000
    await pass(28_800_000)
    expect([outcomes, reports]).toEqual([[], []])
    await pass(299)
    expect(outcomes).toEqual([])
    await pass(1)
    expect(outcomes).toHaveLength(1)
  })

  it('refuses what makes no sense', () => {
    const ok = { what: 'x', limitMs: 1 }
    for (const options of [null, { ...ok, what: '' }, { ...ok, limitMs: 0 }, { ...ok, slowMs: '5' }]) {
      expect(() => withinLimit(Promise.resolve(), options as never)).toThrow(StageOptionError)
    }
    for (const name of ['scheduler', 'report', 'late']) {
      expect(() => withinLimit(Promise.resolve(), { ...ok, [name]: 5 })).toThrow(StageOptionError)
    }
  })
})
