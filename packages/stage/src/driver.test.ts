import type { Change } from '@reliable-channels/store'
import { type SchedulerAction, Subject, type Subscription, VirtualTimeScheduler, of } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { NO_STEP, type Stage, type Step } from './core/stage.ts'
import { committed } from './committed.ts'
import { createDriver } from './create-driver.ts'
import type { DriverOptions } from './driver.ts'
import { laneOperator } from './lane.ts'
import { createUnitOfWork } from './unit-of-work.ts'

const step = <Out>(outputs: readonly Out[], changes: readonly Change[] = []): Step<Out> => ({
  outputs,
  changes,
})
const put = (key: string): Change => ({ key, value: Uint8Array.of(1) })

/** Puts each input out, and stores it under its own name. */
const echo: Stage<string, string> = {
  handle: (input) => step([input], [put(input)]),
  deadline: () => undefined,
  tick: () => NO_STEP,
}

/** Puts each input out `delayMs` after it came. */
function delayStage(delayMs: number): Stage<string, string> {
  const queue: { at: number; input: string }[] = []
  return {
    handle(input, now) {
      queue.push({ at: now + delayMs, input })
      return NO_STEP
    },
    deadline: () => queue[0]?.at,
    tick(now) {
      const due = queue.filter(({ at }) => at <= now)
      queue.splice(0, due.length)
      return step(due.map(({ input }) => input))
    },
  }
}

/** A medium whose writes are finished by hand. */
function medium(): {
  write: (changes: readonly Change[]) => Promise<void>
  keys: string[][]
  succeed: () => Promise<void>
} {
  const keys: string[][] = []
  let pending = Promise.withResolvers<void>()
  return {
    keys,
    write: (changes) => {
      keys.push(changes.map(({ key }) => key))
      pending = Promise.withResolvers()
      return pending.promise
    },
    succeed: async () => {
      pending.resolve()
      for (let i = 0; i < 5; i++) await Promise.resolve()
    },
  }
}

describe('a driver', () => {
  it('commits the changes of a step before its outputs are seen', async () => {
    const { write, keys, succeed } = medium()
    const seen: string[] = []
    const driver = createDriver(echo, { write, keyPrefix: 'echo/' })
    driver.outputs$.subscribe((output) => seen.push(output))
    driver.dispatch('a')
    expect(keys).toEqual([['echo/a']])
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['a'])
  })

  it('groups the writes of steps that fall together', async () => {
    const { write, keys, succeed } = medium()
    const seen: string[] = []
    const driver = createDriver(echo, { write })
    driver.outputs$.subscribe((output) => seen.push(output))
    for (const input of 'abcde') driver.dispatch(input)
    await succeed()
    expect(keys).toEqual([['a'], ['b', 'c', 'd', 'e']])
    expect(seen).toEqual(['a'])
    await succeed()
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('emits outputs all the same when a write fails, reports it, and tries again', async () => {
    const scheduler = new VirtualTimeScheduler(undefined, 0)
    const tries: string[][] = []
    const reports: unknown[] = []
    const seen: string[] = []
    const driver = createDriver(echo, {
      scheduler,
      write: (changes) => {
        tries.push(changes.map(({ key }) => key))
        return tries.length < 3 ? Promise.reject(new Error('disk full')) : Promise.resolve()
      },
      onWriteError: (error, attempt, retryMs) => reports.push([(error as Error).message, attempt, retryMs]),
    })
    driver.outputs$.subscribe((output) => seen.push(output))
    driver.dispatch('a')
    for (let i = 0; i < 3; i++) {
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      scheduler.maxFrames += 200
      scheduler.flush()
    }
    expect(seen).toEqual(['a'])
    expect(tries).toEqual([['a'], ['a'], ['a']])
    expect(reports).toEqual([['disk full', 1, 100]])
  })

  it('takes an input that arrives during a step after that step', () => {
    const log: string[] = []
    const driver = createDriver<string, string>({
      handle(input) {
        log.push(`begin ${input}`)
        if (input === 'a') driver.dispatch('b')
        log.push(`end ${input}`)
        return NO_STEP
      },
      deadline: () => undefined,
      tick: () => NO_STEP,
    })
    driver.dispatch('a')
    expect(log).toEqual(['begin a', 'end a', 'begin b', 'end b'])
  })

  it.each([
    ['with nothing to store', {}],
    ['in a common unit of work', { unitOfWork: createUnitOfWork() }],
    ['with a write that needs no changes', { write: (): Promise<void> => Promise.resolve() }],
  ])('lets a stage feed itself as often as it likes without deepening the stack, %s', (_name, options) => {
    const rounds = 50_000
    const driver = createDriver<number, number>(
      { handle: (input) => step([input + 1]), deadline: () => undefined, tick: () => NO_STEP },
      options,
    )
    const seen: number[] = []
    driver.outputs$.subscribe((output) => {
      seen.push(output)
      if (output < rounds) driver.dispatch(output)
    })
    driver.dispatch(0)
    expect(seen).toHaveLength(rounds)
    expect(seen.at(-1)).toBe(rounds)
  })

  it('sees all outputs of a step before those of the input that one of them fed back', () => {
    const driver = createDriver<string, string>({
      handle: (input) => step(input.length < 3 ? [`${input}x`, `${input}y`] : []),
      deadline: () => undefined,
      tick: () => NO_STEP,
    })
    const seen: string[] = []
    driver.outputs$.subscribe((output) => {
      seen.push(output)
      driver.dispatch(output)
    })
    driver.dispatch('a')
    expect(seen).toEqual(['ax', 'ay', 'axx', 'axy', 'ayx', 'ayy'])
  })

  it('errors when the stage throws, after the outputs before it, and takes no more inputs', async () => {
    const { write, succeed } = medium()
    const handled: string[] = []
    const driver = createDriver<string, string>(
      {
        ...echo,
        handle(input, now) {
          handled.push(input)
          if (input === 'bad') throw new Error('a bug')
          return echo.handle(input, now)
        },
      },
      { write },
    )
    const seen: string[] = []
    driver.outputs$.subscribe({
      next: (output) => seen.push(output),
      error: (error: Error) => seen.push(error.message),
    })
    driver.dispatch('a')
    driver.dispatch('bad')
    driver.dispatch('c')
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['a', 'a bug'])
    expect(handled).toEqual(['a', 'bad'])
  })

  it('errors when a tick throws, and leaves no timer', () => {
    const scheduler = new VirtualTimeScheduler()
    const driver = createDriver<string, string>(
      {
        handle: () => NO_STEP,
        deadline: () => 10,
        tick: () => {
          throw new Error('a bug')
        },
      },
      { scheduler },
    )
    const seen: unknown[] = []
    driver.outputs$.subscribe({ error: (error: Error) => seen.push(error.message) })
    driver.dispatch('a')
    scheduler.flush()
    expect(seen).toEqual(['a bug'])
    expect(scheduler.actions).toHaveLength(0)
  })

  it('completes its outputs when closed, once they are all seen, and ignores what comes later', async () => {
    const { write, keys, succeed } = medium()
    const driver = createDriver(echo, { write })
    const seen: string[] = []
    driver.outputs$.subscribe({ next: (output) => seen.push(output), complete: () => seen.push('end') })
    driver.dispatch('a')
    driver.close()
    driver.close()
    driver.dispatch('b')
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['a', 'end'])
    expect(keys).toEqual([['a']])
  })
})

describe("a driver's timer", () => {
  it('ticks at the deadline, with one timer however many deadlines there are', () => {
    const scheduler = new VirtualTimeScheduler()
    const driver = createDriver(delayStage(50), { scheduler })
    const seen: [string, number][] = []
    driver.outputs$.subscribe((output) => seen.push([output, scheduler.now()]))
    for (const input of 'abc') driver.dispatch(input)
    scheduler.schedule(() => driver.dispatch('d'), 20)
    expect(scheduler.actions).toHaveLength(2)
    scheduler.flush()
    expect(seen).toEqual([
      ['a', 50],
      ['b', 50],
      ['c', 50],
      ['d', 70],
    ])
    expect(scheduler.actions).toHaveLength(0)
  })

  it('follows a deadline that comes nearer and one that goes farther', () => {
    const scheduler = new VirtualTimeScheduler()
    let deadline: number | undefined
    const ticks: number[] = []
    const driver = createDriver<number, never>(
      {
        handle: (input) => {
          deadline = input
          return NO_STEP
        },
        deadline: () => deadline,
        tick: (now) => {
          ticks.push(now)
          deadline = undefined
          return NO_STEP
        },
      },
      { scheduler },
    )
    driver.dispatch(100)
    driver.dispatch(40)
    scheduler.schedule(() => driver.dispatch(300), 50)
    scheduler.schedule(() => driver.dispatch(400), 60)
    scheduler.flush()
    expect(ticks).toEqual([40, 400])
  })

  it('reaches a deadline beyond what platform timers take', () => {
    const delays: number[] = []
    class Recording extends VirtualTimeScheduler {
      override schedule: VirtualTimeScheduler['schedule'] = (work, delay, state) => {
        delays.push(delay ?? 0)
        return super.schedule(work, delay, state)
      }
    }
    const scheduler = new Recording()
    const driver = createDriver(delayStage(2 ** 32), { scheduler })
    const seen: number[] = []
    driver.outputs$.subscribe(() => seen.push(scheduler.now()))
    driver.dispatch('a')
    scheduler.flush()
    expect(seen).toEqual([2 ** 32])
    expect(Math.max(...delays)).toBe(2 ** 31 - 1)
  })

  it('lets the stage see that the clock was set back, and follows the deadline it has then', () => {
    let setBackMs = 0
    class Clock extends VirtualTimeScheduler {
      override now = (): number => this.frame + 100_000 - setBackMs
    }
    const scheduler = new Clock()
    const ticks: number[] = []
    /** Ticks at every full 1000 ms. */
    let last = scheduler.now()
    const stage: Stage<never, never> = {
      handle: () => NO_STEP,
      deadline: () => (ticks.length < 4 ? (Math.floor(last / 1000) + 1) * 1000 : undefined),
      tick(now) {
        ticks.push(now)
        last = now
        return NO_STEP
      },
    }
    createDriver(stage, { scheduler }).whenIdle(() => {})
    scheduler.schedule(() => (setBackMs = 50_500), 500)
    scheduler.flush()
    expect(ticks).toEqual([50_500, 51_000, 52_000, 53_000])
  })

  it('leaves no timer when there is no deadline any more', () => {
    const scheduler = new VirtualTimeScheduler()
    let deadline: number | undefined
    const driver = createDriver<number | undefined, never>(
      {
        handle: (input) => {
          deadline = input
          return NO_STEP
        },
        deadline: () => deadline,
        tick: () => NO_STEP,
      },
      { scheduler },
    )
    driver.dispatch(300_000)
    expect(scheduler.actions).toHaveLength(1)
    driver.dispatch(undefined)
    scheduler.flush()
    expect(scheduler.now()).toBe(0)
  })

  it('leaves no timer when closed', () => {
    const scheduler = new VirtualTimeScheduler()
    const driver = createDriver(delayStage(50), { scheduler })
    driver.dispatch('a')
    expect(scheduler.actions).toHaveLength(1)
    driver.close()
    scheduler.flush()
    expect(scheduler.now()).toBe(0)
  })
})

describe('a timer that fires late', () => {
  /** A clock that may jump ahead of the timers, as after a sleep. */
  class Sleeper extends VirtualTimeScheduler {
    #slept = 0
    override now = (): number => this.frame + this.#slept
    sleep(ms: number): void {
      this.#slept += ms
    }
  }

  type Input = string | { late: number }

  function recordingStage(log: string[], postponeMs: number): Stage<Input, string> {
    let deadline: number | undefined
    return {
      handle(input, now) {
        if (typeof input === 'string') deadline = now + 100
        else {
          log.push(`late by ${input.late}`)
          if (postponeMs > 0) deadline = now + postponeMs
        }
        return NO_STEP
      },
      deadline: () => deadline,
      tick(now) {
        log.push(`tick at ${now}`)
        deadline = undefined
        return NO_STEP
      },
    }
  }

  /** What a stage is told that is due after 100 ms, and the machine sleeps so long meanwhile. */
  function toldOver(
    sleepMs: number,
    { postponeMs = 0, ...options }: DriverOptions<Input> & { readonly postponeMs?: number } = {},
  ): string[] {
    const scheduler = new Sleeper()
    const log: string[] = []
    const onLate = (late: number): Input => ({ late })
    const driver = createDriver(recordingStage(log, postponeMs), { scheduler, onLate, ...options })
    driver.dispatch('a')
    scheduler.sleep(sleepMs)
    scheduler.flush()
    return log
  }

  it('tells the stage of the sleep before the tick', () => {
    expect(toldOver(60_000)).toEqual(['late by 60000', 'tick at 60100'])
  })

  it('ticks later when the stage has moved its deadline', () => {
    expect(toldOver(60_000, { postponeMs: 500 })).toEqual(['late by 60000', 'tick at 60600'])
  })

  it('is nothing special within lateMs', () => {
    expect(toldOver(1_000, { lateMs: 1_000 })).toEqual(['tick at 1100'])
  })

  it('does not put work off for ever where every timer is late', () => {
    /** Timers as in a tab in the background: once a minute. */
    class Throttled extends VirtualTimeScheduler {
      override schedule<T>(
        work: (this: SchedulerAction<T>, state?: T) => void,
        delay = 0,
        state?: T,
      ): Subscription {
        const due = Math.ceil((this.frame + delay) / 60_000) * 60_000
        return super.schedule(work, due - this.frame, state)
      }
    }
    const scheduler = new Throttled()
    const log: string[] = []
    let deadline: number | undefined
    const driver = createDriver<string | number, string>(
      {
        handle(input) {
          if (typeof input === 'number') deadline! += input + 5_000
          else deadline = 2_000
          return NO_STEP
        },
        deadline: () => deadline,
        tick(now) {
          log.push(`tick at ${now}`)
          deadline = undefined
          return NO_STEP
        },
      },
      { scheduler, onLate: (late) => late },
    )
    driver.dispatch('a')
    scheduler.maxFrames = 600_000
    scheduler.flush()
    expect(log).toEqual(['tick at 120000'])
  })

  // F12
  it('holds up no work that an input finds due', () => {
    const scheduler = new Sleeper()
    const log: string[] = []
    const stage = recordingStage(log, 0)
    const driver = createDriver(
      {
        ...stage,
        handle(input: Input, now) {
          log.push(`${String(input)} at ${now}`)
          return stage.handle(input, now)
        },
      },
      { scheduler },
    )
    driver.dispatch('a')
    scheduler.sleep(100)
    driver.dispatch('b')
    scheduler.sleep(60_000)
    driver.dispatch('c')
    expect(log).toEqual(['a at 0', 'tick at 100', 'b at 100', 'tick at 60100', 'c at 60100'])
  })

  // X3
  it('tells the stage of the sleep before an input that wakes it, so that what the input sets is not put off', () => {
    const scheduler = new Sleeper()
    const log: string[] = []
    /** Deadlines by name; a sleep puts off all that are set. */
    const deadlines = new Map<string, number>()
    const earliest = (): number | undefined =>
      deadlines.size === 0 ? undefined : Math.min(...deadlines.values())
    const driver = createDriver<Input, string>(
      {
        handle(input, now) {
          if (typeof input === 'string') deadlines.set(input, now + 100)
          else for (const [name, at] of deadlines) deadlines.set(name, at + input.late)
          return NO_STEP
        },
        deadline: earliest,
        tick(now) {
          for (const [name, at] of deadlines) {
            if (at > now) continue
            deadlines.delete(name)
            log.push(`${name} at ${now}`)
          }
          return NO_STEP
        },
      },
      { scheduler, onLate: (late) => ({ late: late + 200 }) },
    )
    driver.dispatch('before')
    scheduler.sleep(28_800_000)
    driver.dispatch('after')
    scheduler.flush()
    expect(log).toEqual(['after at 28800100', 'before at 28800200'])
  })

  it('does not tick a stage that threw over it', () => {
    const scheduler = new Sleeper()
    const ticks: number[] = []
    const driver = createDriver<Input, string>(
      {
        handle(input) {
          if (typeof input !== 'string') throw new Error('a bug')
          return NO_STEP
        },
        deadline: () => 100,
        tick(now) {
          ticks.push(now)
          return NO_STEP
        },
      },
      { scheduler, onLate: (late) => ({ late }) },
    )
    const seen: unknown[] = []
    driver.outputs$.subscribe({ error: (error: Error) => seen.push(error.message) })
    driver.dispatch('a')
    scheduler.sleep(60_000)
    scheduler.flush()
    expect(seen).toEqual(['a bug'])
    expect(ticks).toEqual([])
  })
})

describe('two drivers in one unit of work', () => {
  it('put the changes that one input causes in both stages into one write, and let nothing out before it', async () => {
    const { write, keys, succeed } = medium()
    const unitOfWork = createUnitOfWork({ write })
    const first = createDriver(echo, { unitOfWork, keyPrefix: 'first/' })
    const second = createDriver(echo, { unitOfWork, keyPrefix: 'second/' })
    const seen: string[] = []
    first.outputs$.subscribe((output) => second.dispatch(output))
    second.outputs$.pipe(committed(unitOfWork)).subscribe((output) => seen.push(output))
    first.dispatch('a')
    expect(keys).toEqual([['first/a', 'second/a']])
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['a'])
  })

  it('keep the order of outputs when the second feeds the first', async () => {
    const { write, keys, succeed } = medium()
    const unitOfWork = createUnitOfWork({ write })
    const first = createDriver(echo, { unitOfWork, keyPrefix: '1/' })
    const second = createDriver(echo, { unitOfWork, keyPrefix: '2/' })
    const seen: string[] = []
    first.outputs$.subscribe((output) => second.dispatch(output))
    second.outputs$.subscribe((output) => {
      if (output.length < 3) first.dispatch(`${output}x`)
    })
    second.outputs$.pipe(committed(unitOfWork)).subscribe((output) => seen.push(output))
    first.dispatch('a')
    expect(keys).toEqual([['1/a', '2/a', '1/ax', '2/ax', '1/axx', '2/axx']])
    await succeed()
    expect(seen).toEqual(['a', 'ax', 'axx'])
  })
})

describe('lanes of one driver', () => {
  type Tagged = { lane: 'up' | 'down'; text: string }

  /** Two ways through one state: a counter that both raise. */
  const counting = (): Stage<Tagged, Tagged> => {
    let count = 0
    return {
      handle: ({ lane, text }) => step([{ lane, text: `${text}${++count}` }]),
      deadline: () => undefined,
      tick: () => NO_STEP,
    }
  }
  const lane = (name: Tagged['lane']) => ({
    input: (text: string): Tagged => ({ lane: name, text }),
    output: (output: Tagged): string | undefined => (output.lane === name ? output.text : undefined),
  })

  const marbles = (): TestScheduler =>
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected))

  it('share the state of the stage and keep to their own outputs', () => {
    marbles().run(({ hot, expectObservable }) => {
      const driver = createDriver(counting())
      const up = hot('  -a--b--a-|')
      const down = hot('--c--c---|')
      expectObservable(up.pipe(laneOperator(driver, lane('up')))).toBe('    -a--b--d-|', {
        a: 'a1',
        b: 'b3',
        d: 'a5',
      })
      expectObservable(down.pipe(laneOperator(driver, lane('down')))).toBe('--b--d---|', { b: 'c2', d: 'c4' })
    })
  })

  it('end apart: one that is unsubscribed leaves its source, and the other goes on', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const driver = createDriver(counting())
      const up = hot('  -a--b--|')
      const down = hot('--c--c-|')
      const left = '    ---!'
      expectObservable(up.pipe(laneOperator(driver, lane('up'))), left).toBe('-a', { a: 'a1' })
      expectObservable(down.pipe(laneOperator(driver, lane('down')))).toBe('  --b--d-|', { b: 'c2', d: 'c3' })
      expectSubscriptions(up.subscriptions).toBe('^--!')
      expectSubscriptions(down.subscriptions).toBe('^------!')
    })
  })

  it('err alone where their own function throws: the stage and the other lanes go on', () => {
    const driver = createDriver(counting())
    const [up, down] = [new Subject<string>(), new Subject<string>()]
    const seen: string[] = []
    const input = (text: string): Tagged => {
      if (text === 'bad') throw new Error('no such text')
      return { lane: 'up', text }
    }
    up.pipe(laneOperator(driver, { ...lane('up'), input })).subscribe({
      next: (text) => seen.push(text),
      error: (error: Error) => seen.push(error.message),
    })
    down.pipe(laneOperator(driver, lane('down'))).subscribe((text) => seen.push(text))
    up.next('a')
    up.next('bad')
    down.next('c')
    expect(seen).toEqual(['a1', 'no such text', 'c2'])
    expect(up.observed).toBe(false)
    driver.close()
  })

  it('complete when the driver is closed, and error when its stage threw', () => {
    const closed = createDriver(counting())
    const seen: string[] = []
    const source = new Subject<string>()
    source.pipe(laneOperator(closed, lane('up'))).subscribe({ complete: () => seen.push('closed') })
    closed.close()
    source.pipe(laneOperator(closed, lane('down'))).subscribe({ complete: () => seen.push('closed before') })
    expect(seen).toEqual(['closed', 'closed before'])
    expect(source.observed).toBe(false)
  })

  it('that are fed within a step complete after what they were fed with', () => {
    const driver = createDriver(counting())
    const seen: string[] = []
    const inner = new Subject<string>()
    inner.pipe(laneOperator(driver, lane('down'))).subscribe({
      next: (text) => seen.push(text),
      complete: () => seen.push('end'),
    })
    driver.outputs$.subscribe((output) => {
      if (output.lane === 'up') {
        inner.next('fed')
        inner.complete()
      }
    })
    driver.dispatch({ lane: 'up', text: 'a' })
    expect(seen).toEqual(['fed2', 'end'])
  })
})

// X11
describe('work that is left', () => {
  it('is done in the next turn of the event loop, after others had theirs, and by no timer', async () => {
    const turns: string[] = []
    let left = 0
    const stage: Stage<number, string> = {
      handle(count) {
        left = count
        return NO_STEP
      },
      deadline: () => (left > 0 ? Date.now() : undefined),
      tick() {
        left--
        return { outputs: ['work'], changes: [] }
      },
    }
    const driver = createDriver(stage)
    driver.outputs$.subscribe((output) => turns.push(output))
    const idle = new Promise<void>((resolve) => {
      driver.dispatch(3)
      driver.whenIdle(resolve)
    })
    const others = (): void => {
      turns.push('others')
      if (turns.length < 6) setImmediate(others)
    }
    setImmediate(others)
    await idle
    expect(turns.filter((turn) => turn === 'work')).toHaveLength(3)
    expect(turns.join()).not.toContain('work,work')
  })

  it('is done before what ends with its source is over', () => {
    const scheduler = new VirtualTimeScheduler()
    let left = 0
    const stage: Stage<number, string> = {
      handle(count) {
        left = count
        return NO_STEP
      },
      deadline: () => (left > 0 ? scheduler.now() : 5_000),
      tick() {
        if (left > 0) left--
        return { outputs: ['work'], changes: [] }
      },
    }
    const driver = createDriver(stage, { scheduler })
    const seen: string[] = []
    const lane = laneOperator(driver, { input: (count: number) => count, output: (output: string) => output })
    of(3)
      .pipe(lane)
      .subscribe({ next: (output) => seen.push(output), complete: () => seen.push('end') })
    expect(seen).toEqual([])
    scheduler.maxFrames = 1_000
    scheduler.flush()
    expect(seen).toEqual(['work', 'work', 'work', 'end'])
    driver.close()
  })
})
