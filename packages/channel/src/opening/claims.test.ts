import { afterEach, describe, expect, it, vi } from 'vitest'
import { virtualTime } from '@reliable-channels/simulator'
import { type Locks, type Store, memoryStore } from '@reliable-channels/store'
import { hexOf } from '@reliable-channels/wire'
import { ReliableChannelManager, openChannel } from '../index.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { hello, team } from '../../test/open-fake.ts'

const transport = fakeTransport()
const locked = { code: 'ERR_STORE_LOCKED' }
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A mark and a checksum stand before each entry of a store that checks none. */
const CHECK_BYTES = 8

const lockNameIn = (disk: ReadonlyMap<string, Uint8Array>): string =>
  `reliable-channels/${hexOf(disk.get('channel/team/identity')!.subarray(CHECK_BYTES))}`

/** Locks of a platform, of which somebody else holds some, and may steal others. */
function platformLocks(): Locks & { others: Set<string>; asked: string[]; steal(): void } {
  const others = new Set<string>()
  const asked: string[] = []
  const thefts: ((error: Error) => void)[] = []
  return {
    others,
    asked,
    async request(name, { signal }, held) {
      asked.push(name)
      if (others.has(name))
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      return Promise.race([held({}), new Promise<never>((_, reject) => thefts.push(reject))])
    },
    steal: () => thefts.forEach((steal) => steal(new DOMException('stolen', 'AbortError'))),
  }
}

describe('a channel that is open on a store', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('is not opened again in the process, whatever objects lead to the store, until it is closed', async () => {
    // F18
    const disk = new Map<string, Uint8Array>()
    const first = await openChannel({ ...team, transport, store: memoryStore(disk) })
    await expect(openChannel({ ...team, transport, store: memoryStore(disk) })).rejects.toMatchObject(locked)
    const elsewhere = new ReliableChannelManager({ transport, store: memoryStore(disk) })
    await expect(elsewhere.create(team)).rejects.toMatchObject(locked)
    await expect(elsewhere.forget('team')).rejects.toMatchObject(locked)
    await (await elsewhere.create({ ...team, channelId: 'other' })).close()
    await (await openChannel({ ...team, transport, store: memoryStore() })).close()
    await first.close()
    await (await elsewhere.create(team)).close()
    await elsewhere.closeAll()
  })

  it('is known by one identity, though two open it at once on a store that is new', async () => {
    // F18
    vi.stubGlobal('navigator', {})
    const disk = new Map<string, Uint8Array>()
    const opening = [1, 2, 3].map(() => openChannel({ ...team, transport, store: memoryStore(disk) }))
    const opened = await Promise.allSettled(opening)
    expect(opened.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    for (const each of opened) if (each.status === 'fulfilled') await each.value.close()
  })

  it('may be opened again in the process where exclusive is false, but not on the very same object', async () => {
    // F18
    const disk = new Map<string, Uint8Array>()
    const store = memoryStore(disk)
    const first = await openChannel({ ...team, transport, store, exclusive: false })
    await (await openChannel({ ...team, transport, store: memoryStore(disk), exclusive: false })).close()
    await expect(openChannel({ ...team, transport, store, exclusive: false })).rejects.toMatchObject(locked)
    await first.close()
  })

  it('holds a lock of the platform, for which another waits two seconds, and says so', async () => {
    // F17 F18
    const locks = platformLocks()
    vi.stubGlobal('navigator', { locks })
    const disk = new Map<string, Uint8Array>()
    const store = memoryStore(disk)
    const first = await openChannel({ ...team, transport, store })
    expect(locks.asked).toEqual(['reliable-channels/new', lockNameIn(disk)])
    await first.close()
    locks.others.add(lockNameIn(disk))
    const scheduler = virtualTime()
    const manager = new ReliableChannelManager({ transport, store, scheduler })
    const told: unknown[] = []
    manager.events$.subscribe((event) => told.push(event.type === 'diagnostic' && event.code))
    const opening = manager.create(team).catch((error: Error) => error)
    await scheduler.run({ maxMs: 10_000 })
    expect(await opening).toMatchObject({
      ...locked,
      message: expect.stringContaining('in another tab or worker') as unknown,
    })
    expect(told).toEqual(['slow', 'gave-up-waiting'])
    // Nothing of the failed opening is left.
    locks.others.clear()
    await (await manager.create(team)).close()
    await manager.closeAll()
  })

  it('does not wait for the lock any more when its manager is closed', async () => {
    // F17
    const locks = platformLocks()
    vi.stubGlobal('navigator', { locks })
    const disk = new Map<string, Uint8Array>()
    const store = memoryStore(disk)
    await (await openChannel({ ...team, transport, store })).close()
    locks.others.add(lockNameIn(disk))
    const manager = new ReliableChannelManager({ transport, store, scheduler: virtualTime() })
    const opening = manager.create(team).catch((error: Error) => error)
    await turns()
    await manager.closeAll()
    expect(await opening).toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('stops at once when its lock is taken away, says so, and writes and sends nothing more', async () => {
    // F17
    const locks = platformLocks()
    vi.stubGlobal('navigator', { locks })
    const sending = fakeTransport()
    const disk = new Map<string, Uint8Array>()
    const memory = memoryStore(disk)
    let writes = 0
    const store: Store = {
      get: (key) => memory.get(key),
      entries: (prefix) => memory.entries(prefix),
      close: () => memory.close(),
      write(changes) {
        writes++
        return memory.write(changes)
      },
    }
    const channel = await openChannel({ ...team, transport: sending, store })
    const seen: unknown[] = []
    channel.events$.subscribe({
      next: (event) => seen.push(event.type === 'diagnostic' ? event.code : event.type),
      error: ({ code }) => seen.push(code),
    })
    const before = writes
    locks.steal()
    await turns()
    expect(seen).toEqual(['channel-died', 'ERR_STORE_LOCKED'])
    expect(() => channel.send(hello)).toThrow('closed')
    await channel.close().catch(() => {})
    expect([writes, sending.sent]).toEqual([before, []])
  })

  it('is not opened by another thread or copy of the library either, where Node.js has locks', async (context) => {
    // F18
    const { locks } = navigator as { locks?: Locks }
    if (locks === undefined) return context.skip('no navigator.locks before Node.js 24.5')
    const disk = new Map<string, Uint8Array>()
    await (await openChannel({ ...team, transport, store: memoryStore(disk) })).close()
    let release = (): void => {}
    const held = locks.request(
      lockNameIn(disk),
      {},
      () => new Promise<void>((resolve) => (release = resolve)),
    )
    await turns()
    const scheduler = virtualTime()
    const opening = openChannel({ ...team, transport, scheduler, store: memoryStore(disk) }).catch(
      (error: Error) => error,
    )
    await scheduler.run({ maxMs: 10_000 })
    expect(await opening).toMatchObject(locked)
    release()
    await held
    await (await openChannel({ ...team, transport, store: memoryStore(disk) })).close()
  })
})
