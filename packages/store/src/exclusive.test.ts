import { describe, expect, it } from 'vitest'
import { type Locks, exclusive } from './exclusive.ts'

/** Web Locks as the specification has them, as far as they are used. */
function fakeLocks(): Locks & { steal(name: string): void } {
  const queues = new Map<string, { start: () => void; stolen?: (error: Error) => void }[]>()
  return {
    request(name, { ifAvailable, signal }, held) {
      const queue = queues.get(name) ?? []
      queues.set(name, queue)
      if (ifAvailable && queue.length > 0) return Promise.resolve(held(null))
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          queue.shift()
          queue[0]?.start()
        }
        const entry = {
          stolen: reject,
          start: () => {
            signal?.removeEventListener('abort', abort)
            void Promise.resolve(held({})).then((value) => {
              leave()
              resolve(value)
            })
          },
        }
        const abort = (): void => {
          queue.splice(queue.indexOf(entry), 1)
          reject(signal!.reason)
        }
        if (signal?.aborted) return reject(signal.reason)
        queue.push(entry)
        signal?.addEventListener('abort', abort)
        if (queue.length === 1) queueMicrotask(entry.start)
      })
    },
    steal: (name) => queues.get(name)![0]!.stolen!(new DOMException('stolen', 'AbortError')),
  }
}

describe('exclusive', () => {
  it('gives a name to one, and tells the next one at once who asks without waiting', async () => {
    const locks = fakeLocks()
    const first = await exclusive('a', { locks })
    await expect(exclusive('a', { locks })).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
    const other = await exclusive('b', { locks })
    await first.release()
    await first.release()
    await (await exclusive('a', { locks })).release()
    await other.release()
  })

  it('takes a free name from a lock manager that calls at once, as that of Node.js', async () => {
    let free = true
    const locks: Locks = {
      async request(_name, _options, held) {
        const lock = free ? {} : null
        free = false
        await held(lock)
        if (lock !== null) free = true
      },
    }
    const first = await exclusive('a', { locks })
    await expect(exclusive('a', { locks })).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
    await first.release()
    await (await exclusive('a', { locks })).release()
  })

  it('takes names from the platform, where it has locks', async () => {
    if (!('locks' in navigator)) {
      await expect(exclusive('a')).rejects.toMatchObject({ code: 'ERR_LOCKS_UNAVAILABLE' })
      return
    }
    const first = await exclusive('a')
    await expect(exclusive('a')).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
    await first.release()
    await (await exclusive('a')).release()
  })

  it('hands the name over to the one who waits', async () => {
    const locks = fakeLocks()
    const first = await exclusive('a', { locks })
    let taken = false
    const second = exclusive('a', { locks, wait: true }).then((lock) => {
      taken = true
      return lock
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toBe(false)
    await first.release()
    await (await second).release()
    expect(taken).toBe(true)
  })

  it('stops waiting when the signal says so, with its reason', async () => {
    const locks = fakeLocks()
    await using _first = await exclusive('a', { locks })
    const controller = new AbortController()
    const second = exclusive('a', { locks, wait: true, signal: controller.signal })
    controller.abort(new Error('no longer wanted'))
    await expect(second).rejects.toThrow('no longer wanted')
  })

  it('tells its holder when it was stolen', async () => {
    const locks = fakeLocks()
    const lock = await exclusive('a', { locks })
    let ended = false
    void lock.ended.then(() => (ended = true))
    locks.steal('a')
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBe(true)
  })

  it('says what to do where there are no Web Locks', async () => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'navigator')
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true })
    try {
      await expect(exclusive('a')).rejects.toMatchObject({ code: 'ERR_LOCKS_UNAVAILABLE' })
    } finally {
      if (descriptor) Object.defineProperty(globalThis, 'navigator', descriptor)
    }
  })

  // N11
  it('refuses an option that does not exist', async () => {
    await expect(exclusive('store', { colour: 'red' } as object)).rejects.toThrow(
      /"options" expected .*"colour"/,
    )
  })
})
