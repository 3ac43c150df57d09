/** The page that is closed. It opens a session on IndexedDB and lives on commands of the test. */
import { ReliableChannelManager } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { levelStore } from '@reliable-channels/store/level'
import { BrowserLevel } from 'browser-level'
import type { Answer, Command, JournalEntry } from '../protocol.ts'
import { type Session, openSession } from '../session.ts'

/** Before the number of an entry of the journal, in the storage that all tabs share. */
const JOURNAL = 'journal/'
let session: Session | undefined

async function obey(command: Command): Promise<Answer> {
  switch (command.type) {
    case 'open': {
      let next = Number(localStorage.getItem('next') ?? 0)
      const journal = (entry: JournalEntry): void => {
        localStorage.setItem(JOURNAL + next++, JSON.stringify(entry))
        localStorage.setItem('next', String(next))
      }
      const store = levelStore(new BrowserLevel(command.opening.directory))
      session = await openSession({ store, journal, die: () => {} }, command.opening)
      return { type: 'opened' }
    }
    case 'step':
      return { type: 'stepped', output: await session!.step(command.input) }
    case 'close':
      await session!.close()
      return { type: 'closed' }
  }
}

const page = {
  obey: (command: Command): Promise<Answer> =>
    obey(command).catch((error: unknown) => ({
      type: 'broken',
      error: String((error as Error).stack ?? error),
    })),

  /** Opens a channel under a name that one tab holds; returns `open` or the code of the error. */
  async hold(wait: boolean): Promise<string> {
    const manager = new ReliableChannelManager({
      transport: simulatedNetwork().peer('alice'),
      store: levelStore(new BrowserLevel('held')),
      exclusive: { name: 'held', wait },
    })
    try {
      await manager.create({ channelId: 'held', contentTopic: '/kill-test/1/held/proto', senderId: 'alice' })
      return 'open'
    } catch (error) {
      return (error as { code: string }).code
    }
  },

  /** Opens a channel with nothing said of who may; returns `open`, or the code of the error, and what was told meanwhile. */
  async open(options: { readonly exclusive?: false } = {}): Promise<readonly string[]> {
    const manager = new ReliableChannelManager({
      transport: simulatedNetwork().peer('alice'),
      store: levelStore(new BrowserLevel('open')),
      ...options,
    })
    const told: string[] = []
    manager.events$.subscribe((event) => told.push(event.type === 'diagnostic' ? event.code : event.type))
    try {
      await manager.create({ channelId: 'open', contentTopic: '/kill-test/1/open/proto', senderId: 'alice' })
      return ['open']
    } catch (error) {
      return [(error as { code: string }).code, ...told]
    }
  },

  /** The journal from this entry on. */
  read(from: number): JournalEntry[] {
    const entries: JournalEntry[] = []
    for (let i = from, text; (text = localStorage.getItem(JOURNAL + i)) !== null; i++) {
      entries.push(JSON.parse(text) as JournalEntry)
    }
    return entries
  },
}

/** The functions of the page, as the test sees them. */
export type KillPage = typeof page

Object.assign(globalThis, { killPage: page })
