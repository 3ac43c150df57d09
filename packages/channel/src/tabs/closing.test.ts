import { type Store, memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { team } from '../../test/open-fake.ts'
import { encode } from '../../test/restarting.ts'
import { type OpenTab, setUpTabs } from '../../test/tabs.ts'
import { type ReliableChannel, openChannel } from '../index.ts'
import type { TabsExclusive } from './tabs-options.ts'

describe('what fails while a channel is closed under the tabs', () => {
  /** A channel whose store does not take its last writes, or does not answer. */
  const failing = (how: 'fails' | 'hangs') => {
    const disk = memoryStore()
    const state = { isBroken: false }
    const store: Store = {
      get: (key) => disk.get(key),
      entries: (prefix) => disk.entries(prefix),
      close: () => disk.close(),
      write(changes) {
        if (!state.isBroken) return disk.write(changes)
        return how === 'hangs' ? new Promise(() => {}) : Promise.reject(new Error('the disk is full'))
      },
    }
    return { state, store }
  }

  it('is told to whoever closes the tab that leads, all at once: its channel, and what was opened for it', async () => {
    // F8
    const setting = setUpTabs()
    const { state, store } = failing('fails')
    const closed = (): Promise<never> => Promise.reject(new Error('the database is gone'))
    const first = await setting.open({ store }, { closed })
    const second = await setting.open()
    state.isBroken = true
    first.chat.send(encode('never kept'))
    await setting.pass(50)
    const failure = first.chat.close().catch((error: unknown) => error)
    await setting.pass(30_000)
    expect(await failure).toMatchObject({
      name: 'AggregateError',
      errors: [{ message: 'the disk is full' }, { message: 'the database is gone' }],
      message: 'the disk is full; the database is gone',
    })
    expect(second.chat.role).toBe('leader')
  })

  it('is waited for no longer than the limit says, each, and the next tab leads', async () => {
    // F3 F8
    const setting = setUpTabs()
    const never = (): Promise<never> => new Promise(() => {})
    const hung = (channel: ReliableChannel): ReliableChannel => Object.assign(channel, { close: never })
    const { scheduler } = setting.net
    const open = async (exclusive: TabsExclusive): Promise<ReliableChannel> =>
      hung(
        await openChannel({
          ...team,
          transport: setting.net.network.peer('hangs'),
          scheduler,
          store: memoryStore(),
          exclusive,
        }),
      )
    const first = await setting.open({}, { open, closed: never, limitMs: 4_000 })
    const second = await setting.open()
    const failure = first.chat.close().catch((error: unknown) => error)
    await setting.pass(7_900)
    expect(second.chat.role).toBe('waiting')
    await setting.pass(1_000)
    expect(await failure).toMatchObject({
      errors: [
        { message: 'closing the channel did not answer within 4000 ms' },
        { message: '"closed" did not answer within 4000 ms' },
      ],
    })
    expect(second.chat.role).toBe('leader')
  })

  it('is told as an event of a tab that goes on, as is a channel that does not open when its turn comes', async () => {
    // F3 F8
    const setting = setUpTabs()
    const closed = (): Promise<never> => Promise.reject(new Error('the database is gone'))
    const first = await setting.open({}, { closed })
    const second = await setting.open(
      {},
      { open: () => Promise.reject(new Error('no database')), closed: () => {} },
    )
    const third = await setting.open()
    first.freeze()
    await setting.pass(30_000)
    first.thaw()
    await setting.pass(10_000)
    expect(third.chat.role).toBe('leader')
    const failures = ({ events }: OpenTab) =>
      events.flatMap((event) =>
        event.type === 'diagnostic' && event.code === 'tab-failed'
          ? [`${event.detail.what}: ${(event.detail.error as Error).message}`]
          : [],
      )
    expect(failures(first)).toEqual(['close: the database is gone'])
    expect(failures(second).every((text) => text === 'open: no database')).toBe(true)
    await third.chat.close()
    await setting.pass(10_000)
    expect(failures(second)).not.toEqual([])
    // What was told then is not told again.
    const closing = second.chat.close()
    await setting.pass(10_000)
    await closing
  })

  it('is told with what kept the first channel from being opened', async () => {
    // F8
    const setting = setUpTabs()
    const opening = setting.open(
      {},
      {
        open: () => Promise.reject(new Error('no database')),
        closed: () => Promise.reject(new Error('nor a transport')),
      },
    )
    await expect(opening).rejects.toMatchObject({
      errors: [{ message: 'no database' }, { message: 'nor a transport' }],
    })
  })
})
