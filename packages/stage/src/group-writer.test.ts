import type { Change } from '@reliable-channels/store'
import { VirtualTimeScheduler } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type UnitOfWorkOptions, createUnitOfWork } from './unit-of-work.ts'
import { GaveUpWaitingError } from './within-limit.ts'

const put = (key: string): Change => ({ key, value: Uint8Array.of(1) })
const del = (key: string): Change => ({ key, value: undefined })

/** A unit of work over a store whose writes are answered by hand, in virtual time. */
function bench(options: UnitOfWorkOptions = {}) {
  const scheduler = new VirtualTimeScheduler()
  const writes: { keys: string[]; size: number; answer: PromiseWithResolvers<void> }[] = []
  const told: unknown[] = []
  const unit = createUnitOfWork({
    scheduler,
    write: (changes) => {
      const keys = changes.map(({ key }) => key)
      const answer = Promise.withResolvers<void>()
      writes.push({ keys, size: changes.length, answer })
      return answer.promise
    },
    onWriteError: (error, attempt, retryMs) => told.push([(error as Error).message, attempt, retryMs]),
    onWriteRecovered: (failures) => told.push(['recovered', failures]),
    ...options,
  })
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  const pass = async (ms: number): Promise<void> => {
    const end = scheduler.frame + ms
    for (;;) {
      const next = Math.min(...scheduler.actions.map(({ delay }) => delay), end)
      scheduler.maxFrames = scheduler.frame = Math.max(next, scheduler.frame)
      scheduler.flush()
      await settled()
      if (next >= end) break
    }
    scheduler.frame = end
  }
  const answer = async (index: number, error?: Error): Promise<void> => {
    if (error === undefined) writes[index]!.answer.resolve()
    else writes[index]!.answer.reject(error)
    await settled()
  }
  const outcomeOf = (promise: Promise<void>): string[] => {
    const outcome: string[] = []
    promise.then(
      () => outcome.push('stored'),
      (error: Error) => outcome.push(error.message),
    )
    return outcome
  }
  return { scheduler, unit, writes, told, pass, answer, outcomeOf, settled }
}

const NO_ANSWER = 'store.write did not answer within 10000 ms'

// F3
describe('a write that is never answered', () => {
  it('has failed after its limit: what waited goes on, it is told, and tried again with all that came after it', async () => {
    const { unit, writes, told, pass, outcomeOf, answer } = bench()
    const seen: string[] = []
    unit.run(() => {
      unit.add([put('a')])
      unit.after(() => seen.push('a'))
    })
    const outcome = outcomeOf(unit.stored())
    await pass(9_999)
    expect(seen).toEqual([])
    await pass(1)
    expect(seen).toEqual(['a'])
    unit.run(() => {
      unit.add([put('b')])
      unit.after(() => seen.push('b'))
    })
    expect(seen).toEqual(['a', 'b'])
    expect(told).toEqual([[NO_ANSWER, 1, 100]])
    await pass(100)
    expect(writes.map(({ keys }) => keys)).toEqual([['a'], ['a', 'b']])
    expect(outcome).toEqual([])
    await answer(1)
    expect(outcome).toEqual(['stored'])
    expect(told.slice(1)).toEqual([['recovered', 1]])
  })

  it('counts when the answer comes late: it is not written again, and who waited for it is told', async () => {
    const { unit, writes, told, pass, outcomeOf, answer, scheduler } = bench()
    unit.add([put('a')])
    const outcome = outcomeOf(unit.stored())
    await pass(10_050)
    unit.add([put('b')])
    const later = outcomeOf(unit.stored())
    await answer(0)
    expect([outcome, later]).toEqual([['stored'], []])
    expect(told.at(-1)).toEqual(['recovered', 1])
    expect(writes.at(-1)!.keys).toEqual(['b'])
    await answer(1)
    expect(later).toEqual(['stored'])
    await pass(1_000_000)
    expect(writes).toHaveLength(2)
    expect(scheduler.actions).toEqual([])
  })

  it('is not written over with an older value by a late answer', async () => {
    const { unit, writes, pass, answer } = bench()
    unit.add([put('a'), put('b')])
    await pass(10_000)
    unit.add([{ key: 'a', value: Uint8Array.of(2) }])
    await pass(100)
    expect(writes[1]!.keys).toEqual(['a', 'b'])
    await answer(0)
    await answer(1, new Error('disk full'))
    await pass(200)
    expect(writes[2]!.keys).toEqual(['a'])
  })

  it('is tried four times at most, and again when one of the four is answered', async () => {
    const { unit, writes, pass, answer } = bench()
    unit.add([put('a')])
    await pass(300_000)
    expect(writes).toHaveLength(4)
    unit.add([put('b')])
    await answer(0, new Error('aborted'))
    await pass(100)
    expect(writes[4]!.keys).toEqual(['a', 'b'])
  })

  it('is not waited for by the next when none of the four is ever answered: an empty one asks every five minutes', async () => {
    const { unit, writes, told, pass, outcomeOf, answer, scheduler } = bench()
    unit.add([put('a')])
    await pass(86_400_000)
    expect(writes.slice(4).every(({ size }) => size === 0)).toBe(true)
    expect(writes.length - 4).toBe(287)
    unit.add([put('b')])
    const outcome = outcomeOf(unit.stored())
    // The store is well again, and has forgotten what came before.
    await pass(300_000)
    await answer(writes.length - 1)
    await pass(100)
    expect(writes.at(-1)!.keys).toEqual(['a', 'b'])
    await answer(writes.length - 1)
    expect([outcome, told]).toEqual([
      ['stored'],
      [
        [NO_ANSWER, 1, 100],
        ['recovered', 4],
      ],
    ])
    expect(scheduler.actions).toEqual([])
    // Those of before do not count any more.
    unit.add([put('c')])
    await pass(10_100)
    expect(writes.at(-1)!.keys).toEqual(['c'])
  })

  it('is given up 5 s after the unit is closed, with what waited told the truth', async () => {
    const { unit, pass, outcomeOf, told, scheduler } = bench()
    unit.add([put('a')])
    const outcome = outcomeOf(unit.stored())
    unit.close()
    await pass(4_999)
    expect(outcome).toEqual([])
    await pass(1)
    expect(outcome).toEqual(['store.write did not answer within 5000 ms'])
    expect(told).toEqual([['store.write did not answer within 5000 ms', 1, Infinity]])
    expect(scheduler.actions).toEqual([])
  })

  it('is tried once more on closing, with all that came after it, also when the store has not answered four tries', async () => {
    const { unit, writes, pass, outcomeOf, answer } = bench()
    unit.add([put('a')])
    await pass(200_000)
    unit.add([put('b')])
    unit.close()
    const outcome = outcomeOf(unit.stored())
    expect(writes.map(({ keys }) => keys)).toEqual([['a'], ['a'], ['a'], ['a'], ['a', 'b']])
    await answer(4)
    expect(outcome).toEqual(['stored'])
  })

  it('is the last one when it is given up: what comes later is not stored without it, and whoever waits is told', async () => {
    const { unit, writes, pass, outcomeOf, scheduler } = bench()
    unit.add([put('a')])
    unit.close()
    await pass(1_000)
    unit.add([put('b')])
    const seen: string[] = []
    unit.after(() => seen.push('b'))
    const outcome = outcomeOf(unit.stored())
    await pass(4_000)
    unit.add([put('c')])
    const later = outcomeOf(unit.stored())
    await pass(10_000)
    expect(writes.map(({ keys }) => keys)).toEqual([['a']])
    expect([seen, outcome, later]).toEqual([
      ['b'],
      ['store.write did not answer within 5000 ms'],
      ['store.write did not answer within 5000 ms'],
    ])
    expect(scheduler.actions).toEqual([])
  })

  it('is reported by the type of its error, and when it is slow', async () => {
    const reports: unknown[] = []
    let error: unknown
    const { unit, pass } = bench({
      report: ({ type, what }) => reports.push(`${type} ${what}`),
      onWriteError: (failure) => (error = failure),
    })
    unit.add([put('a')])
    await pass(10_000)
    expect(reports).toEqual(['slow store.write', 'gave-up-waiting store.write'])
    expect(error).toBeInstanceOf(GaveUpWaitingError)
  })
})

// F11
describe('a store that fails for a day', () => {
  it('is asked every five minutes, and told of once, and again when it fails in another way or recovers', async () => {
    let error: Error | undefined = new Error('disk full')
    let tries = 0
    const { unit, told, pass } = bench({
      write: () => {
        tries++
        return error === undefined ? Promise.resolve() : Promise.reject(error)
      },
    })
    unit.add([put('a')])
    await pass(43_200_000)
    expect(tries).toBeLessThan(170)
    error = new Error('read only')
    await pass(43_200_000)
    error = undefined
    await pass(300_000)
    expect(told).toEqual([
      ['disk full', 1, 100],
      ['read only', expect.any(Number), 300_000],
      ['recovered', expect.any(Number)],
    ])
  })

  it('is not asked to delete what it never had, so that what waits grows with the state and not with time', async () => {
    const stored = new Map<string, Uint8Array>([['old', Uint8Array.of(1)]])
    let isFull = true
    let largest = 0
    let reads = 0
    const { unit, pass } = bench({
      write: (changes) => {
        largest = Math.max(largest, changes.length)
        if (isFull) return Promise.reject(new Error('disk full'))
        for (const { key, value } of changes) {
          if (value === undefined) stored.delete(key)
          else stored.set(key, value)
        }
        return Promise.resolve()
      },
      storedKeys: async function* () {
        reads++
        for (const key of stored.keys()) yield { key }
      },
    })
    unit.add([del('old'), put('kept')])
    // Each message of an hour, eight a second, is stored and deleted again.
    for (let i = 0; i < 3_600 * 8; i++) {
      unit.add([put(`m${i}`)])
      unit.add([del(`m${i}`)])
      if (i % 8 === 7) await pass(1_000)
    }
    expect(largest).toBeLessThan(4_000)
    expect(reads).toBeLessThan(20)
    isFull = false
    await pass(300_000)
    expect([...stored.keys()]).toEqual(['kept'])
  })

  it('is asked to delete all the same when its keys cannot be read', async () => {
    let isFull = true
    let last: readonly Change[] = []
    const { unit, pass } = bench({
      write: (changes) => {
        last = changes
        return isFull ? Promise.reject(new Error('disk full')) : Promise.resolve()
      },
      // eslint-disable-next-line require-yield
      storedKeys: async function* () {
        throw new Error('unreadable')
      },
    })
    unit.add([put('a')])
    await pass(0)
    unit.add(Array.from({ length: 1_001 }, (_, i) => del(`m${i}`)))
    isFull = false
    await pass(100)
    expect(last).toHaveLength(1_002)
  })
})
