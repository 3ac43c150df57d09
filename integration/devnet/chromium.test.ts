import { fileURLToPath } from 'node:url'

import { devnet } from '@reliable-channels/waku-devnet'
import { describe, expect, it } from 'vitest'

import { bundleForBrowser, servePage } from '../../scripts/browser-page.ts'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'
import type { ExchangeOptions } from './page.ts'

describe.skipIf(chromiumPath === undefined)('an unmodified light node in Chromium', () => {
  it('sends, receives and queries over a devnet, with another in the next tab at another node', async () => {
    await using network = await devnet({ nodes: 2, rateLimits: false })
    await using served = await servePage(
      await bundleForBrowser(fileURLToPath(new URL('./page.ts', import.meta.url))),
    )
    const browser = await launchChromium()
    try {
      const openTab = async () => {
        const page = await browser.newPage()
        await page.goto(served.url)
        await page.waitForFunction(() => 'devnetPage' in globalThis)
        return page
      }
      const [listener, speaker] = [await openTab(), await openTab()]
      const exchange = (page: typeof listener, index: number, say: readonly string[]) => {
        const options: ExchangeOptions = {
          address: network.multiaddrs[index] ?? '',
          networkConfig: { clusterId: 66, numShardsInCluster: 8 },
          contentTopic: '/devnet-test/1/chromium/proto',
          say,
          expect: 4,
        }
        return page.evaluate((given) => devnetPage.exchange(given), options)
      }
      const words = ['one', 'two', 'three', 'four']
      const listening = exchange(listener, 0, [])
      await listener.waitForFunction(() => devnetPage.listening)
      const [heard, said] = await Promise.all([listening, exchange(speaker, 1, words)])
      expect(heard.received).toEqual(words)
      expect(said.received.toSorted()).toEqual(words.toSorted())
      expect(said.stored.toSorted()).toEqual(words.toSorted())
    } finally {
      await browser.close()
    }
  })
})
