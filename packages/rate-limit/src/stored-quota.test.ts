import { committed, createUnitOfWork } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import { Subject, take, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type Quota } from './index.ts'
import { type Tagged, frame, setUp, send, settled } from '../test/limiter.ts'

describe('the used quota', () => {
  it('is stored before a frame that uses it is let out, in blocks', async () => {
    const writes: { readonly changes: readonly Change[]; readonly done: () => void }[] = []
    const { open, out } = setUp({
      messagesPerEpoch: 64,
      keyPrefix: 'quota/',
      write: (changes) => new Promise((done) => writes.push({ changes, done })),
    })
    const a = open('a')
    send(a, '1')
    expect(out).toEqual([])
    expect(writes).toHaveLength(1)
    expect(writes[0]!.changes.map(({ key }) => key)).toEqual(['quota/wall'])
    writes[0]!.done()
    await settled()
    expect(out).toEqual(['0 a 1'])
    // A block is a sixteenth of the limit.
    send(a, '2', '3', '4')
    expect(out).toHaveLength(4)
    expect(writes).toHaveLength(1)
    send(a, '5')
    expect(out).toHaveLength(4)
    expect(writes).toHaveLength(2)
    writes[1]!.done()
    await settled()
    expect(out).toHaveLength(5)
  })

  it('joins the write of a unit of work, inside which the frames are let out', async () => {
    const writes: string[][] = []
    const unitOfWork = createUnitOfWork({
      write: async (changes) => {
        writes.push(changes.map(({ key }) => key))
      },
    })
    const { open, out, limiter } = setUp({ unitOfWork, keyPrefix: 'limiter/' })
    const seen: string[] = []
    const source = new Subject<Tagged>()
    source
      .pipe(
        limiter.lane('b'),
        tap(() => unitOfWork.add([{ key: 'next stage', value: Uint8Array.of(1) }])),
        committed(unitOfWork),
      )
      .subscribe(({ name }) => seen.push(name))
    source.next(frame('1'))
    expect(seen).toEqual([])
    await settled()
    expect(writes).toEqual([['limiter/wall', 'next stage']])
    expect(seen).toEqual(['1'])
    send(open('a'), '2')
    expect(out).toEqual(['0 a 2'])
  })

  it('is honoured after a restart', async () => {
    const stored = new Map<string, Uint8Array>()
    const write = (changes: readonly Change[]): Promise<void> => {
      for (const { key, value } of changes) stored.set(key, value!)
      return Promise.resolve()
    }
    const before = setUp({ write })
    send(before.open('a'), '1', '2')
    await settled()
    expect(before.out).toHaveLength(2)
    const restore = [...stored].map(([key, value]) => ({ key, value }))
    const after = setUp({ restore })
    after.advanceTo(999)
    send(after.open('a'), '3')
    expect(after.out).toEqual([])
    after.advanceTo(1000)
    expect(after.out).toEqual(['1000 a 3'])
  })

  it('counts as spent for the epoch when it comes back corrupt, which is reported', () => {
    const corrupt: string[] = []
    const { limiter, open, out, advanceTo } = setUp({
      restore: [{ key: 'wall', value: Uint8Array.of(9, 9) }],
      onCorrupt: (key, reason) => corrupt.push(`${key}: ${reason}`),
    })
    expect(corrupt).toEqual(['wall: expected version 1, got 9'])
    // Once it was no number.
    let quota: Quota | undefined
    limiter.quota$.pipe(take(1)).subscribe((now) => (quota = now))
    expect(quota).toMatchObject({ limit: 2, used: 2, left: 0 })
    send(open('a'), '1')
    expect(out).toEqual([])
    advanceTo(1000)
    expect(out).toEqual(['1000 a 1'])
  })

  it('goes on being granted while the store fails, which is reported', async () => {
    const failure = new Error('disk full')
    const { open, out, events } = setUp({ write: () => Promise.reject(failure) })
    send(open('a'), '1')
    await settled()
    expect(out).toEqual(['0 a 1'])
    expect(events).toEqual([{ type: 'store-failed', error: failure }])
  })
})
