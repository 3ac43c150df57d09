import type { SimulatedPeer } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { type ChannelEvent, type ChannelOptions, type NodeOptions, openChannel } from '../src/index.ts'
import { type TabChannel, type TabsOptions, openInTabs } from '../src/tabs.ts'
import { type FakeOrigin, type FakeTab, fakeOrigin } from './fake-tabs.ts'
import { team } from './open-fake.ts'
import { type Restarting, decode, mortal, setUp } from './restarting.ts'
import type { TabRole } from '../src/tabs/tab-channel.ts'

/** A tab with its end of the channel. */
export interface OpenTab {
  readonly chat: TabChannel
  readonly tab: FakeTab
  readonly received: string[]
  readonly events: ChannelEvent[]
  /** Channels that this tab has opened, leading, and closed. */
  readonly counts: { opened: number; closed: number }
  freeze(): void
  thaw(): void
  kill(): void
}

/** Tabs of one person, who shares a channel with others. */
export interface Tabs {
  readonly net: Restarting
  readonly origin: FakeOrigin
  readonly disk: Map<string, Uint8Array>
  open(options?: Partial<NodeOptions & ChannelOptions>, tabs?: Partial<TabsOptions>): Promise<OpenTab>
  pass(ms: number): Promise<unknown>
}

/** Lets time pass until a promise is settled. */
async function settled<T>(promise: Promise<T>, pass: (ms: number) => Promise<unknown>): Promise<T> {
  const state = { isSettled: false }
  const end = (): void => void (state.isSettled = true)
  promise.then(end, end)
  for (let i = 0; !state.isSettled && i < 100; i++) await pass(100)
  return promise
}

export function setUpTabs(conditions: Parameters<typeof setUp>[0] = {}): Tabs {
  const net = setUp(conditions)
  const origin = fakeOrigin(net.scheduler)
  const disk = new Map<string, Uint8Array>()
  let tabs = 0
  const pass = (ms: number): Promise<unknown> => net.pass(ms)
  return {
    net,
    origin,
    disk,
    pass,
    async open(channelOptions = {}, tabsOptions = {}) {
      const tab = origin.tab()
      const { scheduler, locks, broadcast } = tab
      const number = ++tabs
      const counts = { opened: 0, closed: 0 }
      let peer: SimulatedPeer | undefined
      let kill = (): void => {}
      let random = number * 1_000
      const randomBytes = (length: number): Uint8Array =>
        Uint8Array.from({ length }, () => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) >> 16)
      const opening = openInTabs({
        name: 'team',
        scheduler,
        locks,
        broadcast,
        randomBytes,
        open: async (exclusive) => {
          counts.opened++
          peer = net.network.peer(`alice, tab ${number}, ${counts.opened}`)
          const opened = mortal(memoryStore(disk))
          kill = opened.kill
          const { store } = opened
          return openChannel({
            ...team,
            transport: peer,
            scheduler,
            store,
            randomBytes,
            exclusive,
            ...channelOptions,
          })
        },
        closed: () => {
          counts.closed++
          peer?.close()
          peer = undefined
        },
        ...tabsOptions,
      })
      const chat = await settled(opening, pass)
      const received: string[] = []
      const events: ChannelEvent[] = []
      chat.incoming$.subscribe({ next: ({ payload }) => received.push(decode(payload)), error: () => {} })
      chat.events$.subscribe({ next: (event) => events.push(event), error: () => {} })
      await pass(10)
      return {
        chat,
        tab,
        received,
        events,
        counts,
        freeze() {
          tab.freeze()
          peer?.disconnect()
        },
        thaw() {
          peer?.connect()
          tab.thaw()
        },
        kill() {
          tab.kill()
          kill()
          peer?.close()
        },
      }
    },
  }
}

/** Which of them lead. */
export const roles = (...tabs: readonly OpenTab[]): TabRole[] => tabs.map(({ chat }) => chat.role)

/** Three tabs of Alice, the first of which leads, and Bob. */
export async function three(setting: Tabs = setUpTabs()) {
  const bob = await setting.net.open('bob', memoryStore())
  const first = await setting.open()
  const second = await setting.open()
  const third = await setting.open()
  return { ...setting, bob, first, second, third, tabs: [first, second, third] as const }
}
