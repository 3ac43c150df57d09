import { EMPTY, NEVER, Observable, VirtualTimeScheduler, range, take, throwError } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { NO_STEP, type Stage } from './core/stage.ts'
import { type StageOperatorOptions, stageOperator } from './stage-operator.ts'

/** Lets one value go every `everyMs`, the first at once. */
function paceStage(everyMs: number): Stage<string, string> {
  const queue: string[] = []
  let nextAt = -Infinity
  const release = (now: number): string[] => {
    if (queue.length === 0 || now < nextAt) return []
    nextAt = now + everyMs
    return [queue.shift()!]
  }
  return {
    handle(input, now) {
      queue.push(input)
      return { outputs: release(now), changes: [] }
    },
    deadline: () => (queue.length > 0 ? nextAt : undefined),
    tick: (now) => ({ outputs: release(now), changes: [] }),
  }
}

const asIs: Pick<StageOperatorOptions<string, string, string, string>, 'input' | 'output'> = {
  input: (value) => value,
  output: (value) => value,
}
const pace = (options: Partial<StageOperatorOptions<string, string, string, string>> = {}) =>
  stageOperator(() => paceStage(3), { ...asIs, ...options })

const marbles = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected))

describe('stageOperator', () => {
  it('delays the excess, and completes with a queue that drains', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('   -(abc)----|      ')
      const expected = '     -a--b--c--|      '
      expectObservable(source.pipe(pace({ completes: 'idle' }))).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe('^---------!')
    })
  })

  it("waits with 'idle' until the stage has no deadline left", () => {
    marbles().run(({ hot, expectObservable }) => {
      const source = hot('   -(abc|)          ')
      const expected = '     -a--b--(c|)      '
      expectObservable(source.pipe(pace({ completes: 'idle' }))).toBe(expected)
    })
  })

  it("ends with 'flushed' when the outputs so far were seen, whatever is still queued", () => {
    marbles().run(({ hot, expectObservable }) => {
      const source = hot('   -(abc)|')
      const expected = '     -a--b-|'
      expectObservable(source.pipe(pace())).toBe(expected)
    })
  })

  it('passes the error of the source on after the outputs before it', () => {
    marbles().run(({ hot, expectObservable }) => {
      expectObservable(hot('-a-#').pipe(pace())).toBe('-a-#')
    })
  })

  it('makes a stage for each subscription', () => {
    marbles().run(({ cold, expectObservable }) => {
      const paced = cold('(ab|)').pipe(pace({ completes: 'idle' }))
      expectObservable(paced).toBe('a--(b|)')
      expectObservable(paced, '-^').toBe('-a--(b|)')
    })
  })

  it('leaves source and timer alone when it is unsubscribed early', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('   -(abc)-----d')
      expectObservable(source.pipe(pace()), '-----!').toBe('-a--b')
      expectSubscriptions(source.subscriptions).toBe('^----!')
    })
    const scheduler = new VirtualTimeScheduler()
    const subscription = new Observable<string>((subscriber) => {
      subscriber.next('a')
      subscriber.next('b')
    })
      .pipe(pace({ scheduler }))
      .subscribe()
    expect(scheduler.actions).toHaveLength(1)
    subscription.unsubscribe()
    scheduler.flush()
    expect(scheduler.now()).toBe(0)
  })

  it('stops a synchronous source when its consumer has left', () => {
    let produced = 0
    const endless = new Observable<string>((subscriber) => {
      while (!subscriber.closed && produced < 1_000_000) subscriber.next(String(produced++))
    })
    const through = stageOperator(
      (): Stage<string, string> => ({
        handle: (input) => ({ outputs: [input], changes: [] }),
        deadline: () => undefined,
        tick: () => NO_STEP,
      }),
      asIs,
    )
    const seen: string[] = []
    endless.pipe(through, take(3)).subscribe((value) => seen.push(value))
    expect(seen).toEqual(['0', '1', '2'])
    expect(produced).toBeLessThan(6)
    let last = 0
    range(0, 1_000_000)
      .pipe(
        stageOperator(
          (): Stage<number, number> => ({
            handle(input) {
              last = input
              return { outputs: [input], changes: [] }
            },
            deadline: () => undefined,
            tick: () => NO_STEP,
          }),
          { input: (value: number) => value, output: (value: number) => value },
        ),
        take(3),
      )
      .subscribe()
    expect(last).toBe(2)
  })

  it('errors when its stage throws, and leaves its source', () => {
    marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-')
      const failing = stageOperator(
        (): Stage<string, string> => ({
          handle(input) {
            if (input === 'b') throw new Error('a bug')
            return { outputs: [input], changes: [] }
          },
          deadline: () => undefined,
          tick: () => NO_STEP,
        }),
        asIs,
      )
      expectObservable(source.pipe(failing)).toBe('-a-#', undefined, new Error('a bug'))
      expectSubscriptions(source.subscriptions).toBe('^--!')
    })
  })

  it('errors when a stage cannot be made', () => {
    const seen: unknown[] = []
    const broken = stageOperator((): Stage<string, string> => {
      throw new Error('bad options')
    }, asIs)
    NEVER.pipe(broken).subscribe({ error: (error: Error) => seen.push(error.message) })
    expect(seen).toEqual(['bad options'])
  })

  it('passes on an empty source, a failing one and one that never ends', () => {
    marbles().run(({ expectObservable }) => {
      expectObservable(EMPTY.pipe(pace({ completes: 'idle' }))).toBe('|')
      expectObservable(throwError(() => 'error').pipe(pace())).toBe('#')
      expectObservable(NEVER.pipe(pace())).toBe('-')
    })
  })
})
