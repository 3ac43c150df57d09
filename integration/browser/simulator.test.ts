import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bundleForBrowser, servePage } from '../../scripts/browser-page.ts'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'
import type { SimulatorPage } from './simulator.page.ts'

declare const simulatorPage: SimulatorPage

describe.skipIf(chromiumPath === undefined)('the simulator in Chromium', () => {
  it('passes the transport conformance suite in virtual time', async () => {
    const entry = fileURLToPath(new URL('./simulator.page.ts', import.meta.url))
    await using served = await servePage(await bundleForBrowser(entry))
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      await page.goto(served.url)
      await page.waitForFunction(() => 'simulatorPage' in globalThis, undefined, { timeout: 250_000 })
      const results = await page.evaluate(() => simulatorPage.conformance())
      expect(results.length).toBeGreaterThan(20)
      expect(results.filter(({ error }) => error !== undefined)).toEqual([])
    } finally {
      await browser.close()
    }
  })
})
