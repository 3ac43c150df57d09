import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedPage, bundleForBrowser, servePage } from '../../../scripts/browser-page.ts'
import { chromiumPath, launchChromium } from '../../../scripts/chromium.ts'
import { live } from '../life.ts'
import type { KillPage } from './page.ts'
import { openTab, tabGround } from './tabs.ts'

declare const killPage: KillPage

const SEED = 20_262

describe.skipIf(chromiumPath === undefined)('a tab that is closed or crashes again and again', () => {
  let browser: Browser
  let served: ServedPage

  beforeAll(async () => {
    served = await servePage(await bundleForBrowser(fileURLToPath(new URL('./page.ts', import.meta.url))))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
  })

  it('loses no accepted message, gives none twice but the one flagged, keeps the order and the quota', async () => {
    const ground = tabGround(await browser.newContext(), served.url)
    const { violations, accepted, received } = await live({ seed: SEED, rounds: 8, ground })
    expect(violations, `seed ${SEED}`).toEqual([])
    expect(accepted).toBeGreaterThan(10)
    expect(received).toBeGreaterThan(20)
  })

  it('has its channels to itself: another tab is told, or waits until it is closed', async () => {
    const context = await browser.newContext()
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => openTab(context, served.url)))
    expect(await first!.evaluate(() => killPage.hold(false))).toBe('open')
    expect(await second!.evaluate(() => killPage.hold(false))).toBe('ERR_STORE_LOCKED')
    const waiting = third!.evaluate(() => killPage.hold(true))
    await first!.close()
    expect(await waiting).toBe('open')
    expect(await second!.evaluate(() => killPage.hold(false))).toBe('ERR_STORE_LOCKED')
    await context.close()
  })

  it('has each channel to itself without a word, also after it was loaded anew, unless it says otherwise', async () => {
    // F17 F18
    const context = await browser.newContext()
    const [first, second] = await Promise.all([1, 2].map(() => openTab(context, served.url)))
    const refused = ['ERR_STORE_LOCKED', 'slow', 'gave-up-waiting']
    expect(await first!.evaluate(() => killPage.open())).toEqual(['open'])
    // The same page, by another object.
    expect(await first!.evaluate(() => killPage.open())).toEqual(['ERR_STORE_LOCKED'])
    expect(await second!.evaluate(() => killPage.open())).toEqual(refused)
    expect(await second!.evaluate(() => killPage.open({ exclusive: false }))).toEqual(['open'])
    for (let i = 0; i < 3; i++) {
      await first!.reload()
      await first!.waitForFunction(() => 'killPage' in globalThis)
      expect(await first!.evaluate(() => killPage.open())).toEqual(['open'])
    }
    expect(await second!.evaluate(() => killPage.open())).toEqual(refused)
    await first!.close()
    expect(await second!.evaluate(() => killPage.open())).toEqual(['open'])
    await context.close()
  })

  it('is the only one, when two open a store that is new at the same time', async () => {
    // F18
    const context = await browser.newContext()
    const tabs = await Promise.all([1, 2, 3].map(() => openTab(context, served.url)))
    const opened = await Promise.all(tabs.map((tab) => tab.evaluate(() => killPage.open())))
    expect(opened.map(([result = '']) => result).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'ERR_STORE_LOCKED',
      'ERR_STORE_LOCKED',
      'open',
    ])
    await context.close()
  })
})
