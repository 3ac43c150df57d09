import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedPage, bundleForBrowser, servePage } from '../../../scripts/browser-page.ts'
import { chromiumPath, launchChromium } from '../../../scripts/chromium.ts'
import type { StorePage } from './page.ts'

declare const storePage: StorePage

let browser: Browser
let context: BrowserContext
let served: ServedPage

/** A new tab. */
async function tab(url = served.url): Promise<Page> {
  const page = await context.newPage()
  const broken = new Promise<never>((_, reject) => page.once('pageerror', reject))
  await page.goto(url)
  await Promise.race([broken, page.waitForFunction(() => 'storePage' in globalThis)])
  return page
}

describe.skipIf(chromiumPath === undefined)('the store in Chromium', () => {
  beforeAll(async () => {
    served = await servePage(await bundleForBrowser(fileURLToPath(new URL('./page.ts', import.meta.url))))
    browser = await launchChromium()
    context = await browser.newContext()
  })

  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
  })

  it.each([false, true])('passes the conformance suite on browser-level (sync: %s)', async (sync) => {
    const page = await tab()
    const results = await page.evaluate((strict) => storePage.conformance(strict), sync)
    expect(results.length).toBeGreaterThan(10)
    expect(results.filter(({ error }) => error !== undefined)).toEqual([])
    await page.close()
  })

  it('asks IndexedDB for strict durability with sync, and for its default without', async () => {
    const page = await tab()
    expect(await page.evaluate(() => storePage.durability(true))).toEqual(['strict'])
    expect(await page.evaluate(() => storePage.durability(false))).toEqual(['default'])
    await page.close()
  })

  it.each(['get', 'entries'] as const)(
    'reads on by %s when the browser has closed the connection, and nothing is written',
    async (how) => {
      // F19
      const page = await tab()
      expect(await page.evaluate((by) => storePage.readAfterClosing(by), how)).toEqual([7, 7])
      await page.close()
    },
  )

  it('has kept every write that was answered when a tab is closed, and no half of one', async () => {
    let answered = -1
    for (let round = 0; round < 3; round++) {
      const page = await tab()
      const from = answered + 1
      await new Promise<void>((resolve) => {
        void page
          .exposeFunction('answered', (i: number) => {
            answered = Math.max(answered, i)
            if (i >= from + 3 + round * 17) resolve()
          })
          .then(() =>
            page.evaluate(
              (first) =>
                storePage.writePairs(
                  'closed',
                  first,
                  (globalThis as unknown as { answered: () => void }).answered,
                ),
              from,
            ),
          )
          .catch(() => undefined)
      })
      await page.close()
      const reader = await tab()
      const keys = new Set(await reader.evaluate(() => storePage.keys('closed')))
      for (let i = 0; i <= answered; i++) expect(keys.has(`a/${i}`), `a/${i} of ${answered}`).toBe(true)
      for (const key of keys) {
        expect(keys.has(key.replace(/^./, key.startsWith('a') ? 'b' : 'a')), `the twin of ${key}`).toBe(true)
      }
      await reader.close()
    }
  })

  it('fails writes while the quota is used up, loses none, and goes on when there is room again', async () => {
    // An origin of its own: Chromium remembers for a while how much room one has.
    const url = served.url.replace('127.0.0.1', 'localhost')
    const page = await tab(url)
    const session = await context.newCDPSession(page)
    const { origin } = new URL(url)
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 3_000_000 })
    const full = await page.evaluate(() => storePage.writeUntilFull(0, 400))
    expect(full.error).toBe('QuotaExceededError, and reads 50000 bytes')
    expect(full.stored).toBeGreaterThan(0)
    await session.send('Storage.overrideQuotaForOrigin', { origin })
    const done = await page.evaluate((from) => storePage.writeUntilFull(from, from + 20), full.stored)
    expect(done).toEqual({ stored: full.stored + 20 })
    const keys = await page.evaluate(() => storePage.keys('quota'))
    expect(keys).toHaveLength(full.stored + 20)
    await page.close()
  })

  it('gives a name to one tab, tells the others, and hands it on when that tab is closed', async () => {
    const [first, second, third] = [await tab(), await tab(), await tab()]
    expect(await first.evaluate(() => storePage.take('channels', false))).toBe('held')
    expect(await second.evaluate(() => storePage.take('channels', false))).toBe('ERR_STORE_LOCKED')
    expect(await second.evaluate(() => storePage.take('others', false))).toBe('held')
    const waiting = third.evaluate(() => storePage.take('channels', true))
    await first.close()
    expect(await waiting).toBe('held')
    expect(await second.evaluate(() => storePage.take('channels', false))).toBe('ERR_STORE_LOCKED')
    await third.evaluate(() => storePage.release())
    expect(await second.evaluate(() => storePage.take('channels', false))).toBe('held')
    await second.close()
    await third.close()
  })
})
