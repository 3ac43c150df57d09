import type { Change } from '@reliable-channels/store'
import { Subject, VirtualTimeScheduler, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { committed } from './committed.ts'
import { createUnitOfWork } from './unit-of-work.ts'

/** A medium whose writes are finished by hand. */
function medium(): {
  write: (changes: readonly Change[]) => Promise<void>
  writes: (readonly Change[])[]
  succeed: () => Promise<void>
  fail: (error: Error) => Promise<void>
} {
  const writes: (readonly Change[])[] = []
  let pending: PromiseWithResolvers<void> | undefined
  return {
    write: (changes) => {
      writes.push(changes)
      expect(pending, 'two writes at once').toBeUndefined()
      pending = Promise.withResolvers()
      return pending.promise
    },
    writes,
    succeed: async () => {
      const write = pending!
      pending = undefined
      write.resolve()
      await settled()
    },
    fail: async (error) => {
      const write = pending!
      pending = undefined
      write.reject(error)
      await settled()
    },
  }
}

/** Lets promise callbacks run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve()
}

/** Lets so much time pass. Limits of writes under way are further off. */
async function pass(scheduler: VirtualTimeScheduler, ms: number): Promise<void> {
  const end = scheduler.frame + ms
  scheduler.maxFrames = end
  scheduler.flush()
  scheduler.frame = end
  await settled()
}

const bytes = (value: number): Uint8Array => Uint8Array.of(value)
const put = (key: string, value: number): Change => ({ key, value: bytes(value) })
const keys = (writes: readonly (readonly Change[])[]): string[][] =>
  writes.map((changes) => changes.map(({ key }) => key))

describe('a unit of work', () => {
  it('holds an effect until what was added before it is written', async () => {
    const { write, succeed } = medium()
    const unit = createUnitOfWork({ write })
    const seen: string[] = []
    unit.run(() => {
      unit.add([put('a', 1)])
      unit.after(() => seen.push('effect'))
    })
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['effect'])
  })

  it('writes what has time with what comes next', async () => {
    const { write, writes, succeed } = medium()
    const scheduler = new VirtualTimeScheduler()
    const unit = createUnitOfWork({ write, scheduler })
    unit.run(() => unit.add([put('a', 1)]), 'later')
    await pass(scheduler, 19)
    expect(writes).toEqual([])
    unit.run(() => unit.add([put('b', 1)]))
    expect(keys(writes)).toEqual([['a', 'b']])
    await succeed()
    await pass(scheduler, 100)
    expect(writes).toHaveLength(1)
  })

  it('writes what has time alone where nothing comes', async () => {
    const { write, writes } = medium()
    const scheduler = new VirtualTimeScheduler()
    const unit = createUnitOfWork({ write, scheduler })
    unit.run(() => unit.add([put('a', 1)]), 'later')
    await pass(scheduler, 20)
    expect(keys(writes)).toEqual([['a']])
  })

  it('writes in the next turn what can wait for it, with its effects, and what is waited for', async () => {
    const { write, writes, succeed } = medium()
    const scheduler = new VirtualTimeScheduler()
    const unit = createUnitOfWork({ write, scheduler })
    const seen: string[] = []
    unit.run(() => {
      unit.add([put('a', 1)])
      unit.after(() => seen.push('a'))
    }, 'turn')
    unit.run(() => unit.add([put('b', 1)]), 'later')
    expect(writes).toEqual([])
    await pass(scheduler, 0)
    expect([keys(writes), seen]).toEqual([[['a', 'b']], []])
    await succeed()
    expect(seen).toEqual(['a'])
    unit.run(() => unit.add([put('c', 1)]), 'later')
    unit.after(() => seen.push('c'))
    await pass(scheduler, 0)
    await succeed()
    expect(seen).toEqual(['a', 'c'])
  })

  it('keeps a run inside a run to what the inner one says, and the write to the more urgent', async () => {
    const { write, writes, succeed } = medium()
    const scheduler = new VirtualTimeScheduler()
    const unit = createUnitOfWork({ write, scheduler })
    unit.run(() => unit.run(() => unit.add([put('a', 1)])), 'later')
    expect(writes).toEqual([])
    unit.run(() => {
      unit.add([put('b', 1)])
      unit.run(() => unit.add([put('c', 1)]), 'later')
    })
    expect(keys(writes)).toEqual([['a', 'b', 'c']])
    await succeed()
  })

  it.each(['stored', 'close'] as const)('writes what has time at once for who calls %s', async (method) => {
    const { write, writes, succeed } = medium()
    const unit = createUnitOfWork({ write, scheduler: new VirtualTimeScheduler() })
    unit.run(() => unit.add([put('a', 1)]), 'later')
    const called = unit[method]()
    expect(keys(writes)).toEqual([['a']])
    await succeed()
    await called
    if (method === 'stored') return unit.close()
    // Nothing has time any more.
    unit.run(() => unit.add([put('b', 1)]), 'later')
    expect(keys(writes)).toEqual([['a'], ['b']])
    return succeed()
  })

  it('leaves no timer when it is closed, also where somebody has begun to wait for what had time', async () => {
    const { write, writes, succeed } = medium()
    const scheduler = new VirtualTimeScheduler()
    const unit = createUnitOfWork({ write, scheduler })
    const seen: string[] = []
    unit.run(() => unit.add([put('a', 1)]), 'later')
    unit.after(() => seen.push('a'))
    unit.close()
    await succeed()
    expect([keys(writes), seen, scheduler.actions.filter(({ closed }) => !closed)]).toEqual([
      [['a']],
      ['a'],
      [],
    ])
  })

  it('puts what follows from a write into one more', async () => {
    const { write, writes, succeed } = medium()
    const unit = createUnitOfWork({ write })
    unit.run(() => {
      unit.add([put('a', 1)])
      for (const key of ['b', 'c']) unit.after(() => unit.add([put(key, 1)]))
    })
    unit.run(() => unit.add([put('d', 1)]))
    await succeed()
    expect(keys(writes)).toEqual([['a'], ['d', 'b', 'c']])
    await succeed()
  })

  it('calls effects in order, those too that come while one is called', () => {
    const unit = createUnitOfWork()
    const seen: number[] = []
    unit.run(() => {
      for (let i = 0; i < 100; i++)
        unit.after(() => {
          seen.push(i)
          if (i % 10 === 0) unit.after(() => seen.push(1_000 + i))
        })
    })
    const first = Array.from({ length: 100 }, (_, i) => i)
    expect(seen).toEqual([...first, ...first.filter((i) => i % 10 === 0).map((i) => 1_000 + i)])
    unit.after(() => seen.splice(0))
    expect(seen).toEqual([])
  })

  it('puts the changes of runs inside a run into one write, the last change of a key winning', async () => {
    const { write, writes, succeed } = medium()
    const unit = createUnitOfWork({ write })
    unit.run(() => {
      unit.run(() => unit.add([put('a', 1), put('b', 1)], 'sds/'))
      unit.run(() => unit.add([put('a', 2), { key: 'c', value: undefined }], 'sds/'))
    })
    expect(writes).toEqual([[put('sds/a', 2), put('sds/b', 1), { key: 'sds/c', value: undefined }]])
    await succeed()
    expect(writes).toHaveLength(1)
  })

  it('groups the runs that come while a write is under way into the next write', async () => {
    const { write, writes, succeed } = medium()
    const unit = createUnitOfWork({ write })
    const seen: number[] = []
    for (let i = 0; i < 4; i++) {
      unit.run(() => {
        unit.add([put(`k${i}`, i)])
        unit.after(() => seen.push(i))
      })
    }
    expect(keys(writes)).toEqual([['k0']])
    await succeed()
    expect(seen).toEqual([0])
    expect(keys(writes)).toEqual([['k0'], ['k1', 'k2', 'k3']])
    await succeed()
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('lets an effect that waits for nothing happen at once, but never before an earlier one', async () => {
    const { write, succeed } = medium()
    const unit = createUnitOfWork({ write })
    const seen: string[] = []
    unit.after(() => seen.push('at once'))
    expect(seen).toEqual(['at once'])
    unit.run(() => unit.add([put('a', 1)]))
    unit.after(() => seen.push('after a'))
    expect(seen).toEqual(['at once'])
    await succeed()
    expect(seen).toEqual(['at once', 'after a'])
  })

  it('keeps effects out of the run that asked for them', () => {
    const unit = createUnitOfWork()
    const seen: string[] = []
    unit.run(() => {
      unit.after(() => seen.push('effect'))
      seen.push('end of the run')
    })
    expect(seen).toEqual(['end of the run', 'effect'])
  })

  it('runs effects that effects ask for after those already there', () => {
    const unit = createUnitOfWork()
    const seen: string[] = []
    unit.run(() => {
      unit.after(() => {
        unit.after(() => seen.push('third'))
        seen.push('first')
      })
      unit.after(() => seen.push('second'))
    })
    expect(seen).toEqual(['first', 'second', 'third'])
  })

  it('stores what a run added before it threw, since that step was taken', async () => {
    const { write, writes, succeed } = medium()
    const unit = createUnitOfWork({ write })
    const failing = (): void =>
      unit.run(() => {
        unit.add([put('a', 1)])
        throw new Error('a bug')
      })
    expect(failing).toThrow('a bug')
    expect(keys(writes)).toEqual([['a']])
    await succeed()
    await unit.stored()
  })

  it('writes what is added outside a run, too', async () => {
    const { write, writes, succeed } = medium()
    const unit = createUnitOfWork({ write })
    unit.add([put('a', 1)])
    unit.add([put('b', 1)])
    expect(keys(writes)).toEqual([['a']])
    await succeed()
    expect(keys(writes)).toEqual([['a'], ['b']])
    await succeed()
    await unit.stored()
  })

  it('needs no write when there is nowhere to write', async () => {
    const unit = createUnitOfWork()
    unit.run(() => unit.add([put('a', 1)]))
    const seen: string[] = []
    unit.after(() => seen.push('at once'))
    expect(seen).toEqual(['at once'])
    await unit.stored()
  })
})

describe('a unit of work whose write fails', () => {
  it('lets outputs flow, reports, and tries again with back-off until it succeeds', async () => {
    const scheduler = new VirtualTimeScheduler()
    const { write, writes, fail, succeed } = medium()
    const reports: unknown[] = []
    const unit = createUnitOfWork({
      write,
      scheduler,
      retryMs: 100,
      onWriteError: (error, attempt, retryMs) => reports.push([(error as Error).message, attempt, retryMs]),
    })
    const seen: string[] = []
    unit.run(() => {
      unit.add([put('a', 1)])
      unit.after(() => seen.push('a'))
    })
    let stored = false
    void unit.stored().then(() => (stored = true))
    await fail(new Error('disk full'))
    expect(seen).toEqual(['a'])
    await pass(scheduler, 99)
    expect(writes).toHaveLength(1)
    await pass(scheduler, 1)
    await fail(new Error('still full'))
    await pass(scheduler, 199)
    expect(writes).toHaveLength(2)
    await pass(scheduler, 1)
    expect(stored).toBe(false)
    await succeed()
    expect(stored).toBe(true)
    expect(keys(writes)).toEqual([['a'], ['a'], ['a']])
    expect(reports).toEqual([
      ['disk full', 1, 100],
      ['still full', 2, 200],
    ])
  })

  it('adds to the next try what came meanwhile, holding nobody up', async () => {
    const scheduler = new VirtualTimeScheduler()
    const { write, writes, fail, succeed } = medium()
    const unit = createUnitOfWork({ write, scheduler })
    unit.run(() => unit.add([put('a', 1), put('b', 1)]))
    await fail(new Error('disk full'))
    const seen: string[] = []
    unit.run(() => {
      unit.add([put('b', 2), put('c', 2)])
      unit.after(() => seen.push('later'))
    })
    expect(seen).toEqual(['later'])
    let stored = false
    void unit.stored().then(() => (stored = true))
    await pass(scheduler, 100)
    expect(writes[1]).toEqual([put('a', 1), put('b', 2), put('c', 2)])
    expect(stored).toBe(false)
    await succeed()
    expect(stored).toBe(true)
  })

  it('tries again however many wait for it', async () => {
    const { write, fail, succeed } = medium()
    const scheduler = new VirtualTimeScheduler()
    const unit = createUnitOfWork({ write, scheduler, retryMs: 100 })
    unit.run(() => unit.add([put('a', 1)]))
    await fail(new Error('disk full'))
    unit.run(() => unit.add([put('b', 2)]))
    const all = Promise.all(Array.from({ length: 300_000 }, () => unit.stored()))
    await pass(scheduler, 100)
    await succeed()
    await expect(all).resolves.toHaveLength(300_000)
  })

  it('waits again for writes once one has succeeded', async () => {
    const scheduler = new VirtualTimeScheduler()
    const { write, fail, succeed } = medium()
    const unit = createUnitOfWork({ write, scheduler })
    unit.run(() => unit.add([put('a', 1)]))
    await fail(new Error('disk full'))
    await pass(scheduler, 100)
    await succeed()
    const seen: string[] = []
    unit.run(() => {
      unit.add([put('b', 1)])
      unit.after(() => seen.push('b'))
    })
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['b'])
  })

  it('doubles the delay up to the longest', async () => {
    const scheduler = new VirtualTimeScheduler()
    const { write, fail } = medium()
    const delays: number[] = []
    const unit = createUnitOfWork({
      write,
      scheduler,
      retryMs: 10,
      maxRetryMs: 600,
      onWriteError: (_error, _attempt, retryMs) => delays.push(retryMs),
    })
    unit.run(() => unit.add([put('a', 1)]))
    for (let i = 0; i < 9; i++) {
      await fail(new Error(`disk full, ${i}`))
      await pass(scheduler, delays.at(-1)!)
    }
    expect(delays).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600])
  })

  it('treats a write that throws as one that fails', async () => {
    const scheduler = new VirtualTimeScheduler()
    const errors: unknown[] = []
    let writes = 0
    const unit = createUnitOfWork({
      write: () => {
        if (writes++ === 0) throw new Error('not open')
        return Promise.resolve()
      },
      scheduler,
      onWriteError: (error) => errors.push(error),
    })
    unit.run(() => unit.add([put('a', 1)]))
    const stored = unit.stored()
    await settled()
    await pass(scheduler, 100)
    await stored
    expect(errors).toEqual([new Error('not open')])
    expect(writes).toBe(2)
  })

  it('tries once more when it is closed and then gives up, leaving no timer', async () => {
    const scheduler = new VirtualTimeScheduler()
    const { write, writes, fail } = medium()
    const delays: number[] = []
    const unit = createUnitOfWork({
      write,
      scheduler,
      onWriteError: (_error, _attempt, retryMs) => delays.push(retryMs),
    })
    unit.run(() => unit.add([put('a', 1)]))
    await fail(new Error('disk full'))
    const stored = unit.stored()
    unit.close()
    expect(writes).toHaveLength(2)
    await Promise.all([expect(stored).rejects.toThrow('gone'), fail(new Error('gone'))])
    await pass(scheduler, 100)
    expect(writes).toHaveLength(2)
    expect(delays).toEqual([100, Infinity])
  })
})

describe('committed', () => {
  it('holds each notification of a source until what was added before it is written', async () => {
    const { write, succeed } = medium()
    const unit = createUnitOfWork({ write })
    const seen: unknown[] = []
    const source = new Subject<string>()
    source
      .pipe(committed(unit))
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('end') })
    unit.run(() => {
      unit.add([put('a', 1)])
      source.next('a')
    })
    source.next('b')
    source.complete()
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['a', 'b', 'end'])
  })

  it('passes errors on in their turn', async () => {
    const { write, succeed } = medium()
    const unit = createUnitOfWork({ write })
    const seen: unknown[] = []
    const source = new Subject<string>()
    source.pipe(committed(unit)).subscribe({ next: (value) => seen.push(value), error: (e) => seen.push(e) })
    unit.run(() => {
      unit.add([put('a', 1)])
      source.next('a')
    })
    source.error('broken')
    expect(seen).toEqual([])
    await succeed()
    expect(seen).toEqual(['a', 'broken'])
  })

  it('passes everything at once when nothing waits', () => {
    const seen: unknown[] = []
    of(1, 2)
      .pipe(committed(createUnitOfWork()))
      .subscribe((value) => seen.push(value))
    expect(seen).toEqual([1, 2])
  })
})
