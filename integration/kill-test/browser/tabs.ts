/** Tabs that are closed or crashed, with a database in IndexedDB. */
import type { BrowserContext, Page } from 'playwright-core'
import type { Ground, Victim } from '../ground.ts'
import type { Answer } from '../protocol.ts'
import type { KillPage } from './page.ts'

declare const killPage: KillPage

/** A new tab, ready for commands. */
export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'killPage' in globalThis)
  return page
}

/** A context of its own, which holds a database and a journal, and tabs of the page at `url`. */
export function tabGround(context: BrowserContext, url: string): Ground {
  let reader: Promise<Page> | undefined
  let read = 0
  let deaths = 0
  return {
    start: () => startTab(context, url, () => deaths++ % 2 === 1),
    place: { directory: 'kill-test', journal: '' },
    async read() {
      reader ??= openTab(context, url)
      const entries = await (await reader).evaluate((from) => killPage.read(from), read)
      read += entries.length
      return entries
    },
    diesByItself: false,
    close: () => context.close(),
  }
}

function startTab(context: BrowserContext, url: string, crashes: () => boolean): Victim {
  const opened = openTab(context, url)
  let dead: (() => void) | undefined
  const death = new Promise<undefined>((resolve) => (dead = () => resolve(undefined)))
  return {
    async tell(command) {
      const page = await opened
      const answer = page.evaluate((what) => killPage.obey(what), command).catch(() => undefined)
      return Promise.race<Answer | undefined>([answer, death])
    },
    async kill() {
      const page = await opened
      dead!()
      if (crashes()) {
        const crashed = new Promise((resolve) => page.once('crash', resolve))
        const session = await context.newCDPSession(page)
        session.send('Page.crash').catch(() => {})
        await crashed
      }
      await page.close()
    },
  }
}
