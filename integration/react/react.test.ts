import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'
import { bundleForBrowser, servePage } from '../../scripts/browser-page.ts'
import type { ChatPage } from './chat.page.ts'

declare const chatPage: ChatPage

/** React asks in which environment it runs, as bundlers of applications tell it. */
const ENVIRONMENT = `globalThis.process = { env: { NODE_ENV: 'development' } }\n`

const shows = (page: Page, selector: string, wanted: string): Promise<unknown> =>
  page.waitForFunction(
    ([where, what]) => document.querySelector(where!)?.textContent === what,
    [selector, wanted],
    { timeout: 60_000 },
  )

describe.skipIf(chromiumPath === undefined)('the hooks in Chromium, in StrictMode', () => {
  it('open a channel, list and send messages, and show who has and who has read them, members, health and quota', async () => {
    const entry = fileURLToPath(new URL('./chat.page.ts', import.meta.url))
    await using served = await servePage(ENVIRONMENT + (await bundleForBrowser(entry)))
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !message.text().includes('favicon'))
          complaints.push(message.text())
      })
      await page.goto(served.url)
      await shows(page, '#status', 'open, synced, 1000, sent undefined')
      // It was mounted, unmounted and mounted again.
      expect(await page.evaluate(() => chatPage.counts)).toEqual({ opened: 1, closed: 0 })

      await page.evaluate(() => chatPage.say('bob', 'hello'))
      await shows(page, 'ul', 'bob: hello')
      await page.click('#send')
      await shows(page, 'ul', 'bob: helloalice: hello from React (bob carol, read by bob)')
      await page.waitForFunction(() => chatPage.readers().join() === 'alice')
      await shows(page, '#status', 'open, synced, 1000, sent delivered')
      await shows(page, '#members', 'bob carol')

      await page.click('#room')
      await shows(page, 'ul', '')
      await shows(page, '#status', 'open, synced, 1000, sent undefined')
      await page.click('#room')
      await shows(page, 'ul', 'bob: helloalice: hello from React (bob carol, read by bob)')
      await page.evaluate(() => chatPage.unmount())
      await page.waitForFunction(() => chatPage.counts.opened === chatPage.counts.closed)
      expect(complaints.filter((each) => !each.includes('404'))).toEqual([])
    } finally {
      await browser.close()
    }
  })
})
