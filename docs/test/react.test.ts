import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { bundleForBrowser, servePage } from '../../scripts/browser-page.ts'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'

/** React asks in which environment it runs, as bundlers of applications tell it. */
const ENVIRONMENT = `globalThis.process = { env: { NODE_ENV: 'development' } }\n`

const lines = (page: Page): Promise<string[]> => page.locator('ol li').allTextContents()

async function joinAsAlice(page: Page): Promise<void> {
  await page.fill('input[name=name]', 'alice')
  await page.click('button')
  await page.waitForSelector('input[name=text]:enabled', { timeout: 60_000 })
}

describe.skipIf(chromiumPath === undefined)('the page of the React guide', () => {
  it('shows an answer, who has what was said, and both again after a reload', async () => {
    const entry = fileURLToPath(new URL('./react-page.tsx', import.meta.url))
    await using served = await servePage(ENVIRONMENT + (await bundleForBrowser(entry)))
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      const complaints: string[] = []
      page.on('pageerror', ({ message }) => complaints.push(message))
      await page.goto(served.url)
      await joinAsAlice(page)
      await page.fill('input[name=text]', 'hello')
      await page.click('button')
      await page.waitForFunction(() => document.querySelectorAll('ol li').length === 2, undefined, {
        timeout: 60_000,
      })
      await page.waitForFunction(() => document.querySelector('small')?.textContent === '✓✓ bob', undefined, {
        timeout: 60_000,
      })
      expect(await lines(page)).toEqual(['alice hello ✓✓ bob', 'bob you said "hello" '])
      await page.waitForFunction(
        () => document.querySelector('header')?.textContent === 'Here: bob',
        undefined,
        {
          timeout: 60_000,
        },
      )

      await page.reload()
      await joinAsAlice(page)
      await page.waitForFunction(() => document.querySelectorAll('ol li').length === 2, undefined, {
        timeout: 60_000,
      })
      expect((await lines(page)).map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual([
        'alice hello',
        'bob you',
      ])
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
    }
  })
})
