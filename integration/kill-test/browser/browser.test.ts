import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ServedPage,
  bundleForBrowser,
  chromiumPath,
  launchChromium,
  servePage,
} from '../../browser/chromium.ts'
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
  }, 60_000)

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
  }, 180_000)

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
})
