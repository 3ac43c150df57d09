import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { bundleForBrowser, servePage } from '../../scripts/browser-page.ts'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'
import { startNetwork } from './network.ts'
import type { TabOptions } from './pages/tab.ts'

const FILE_BYTES = 1_000_000

describe.skipIf(chromiumPath === undefined)('two tabs of Chromium', () => {
  it('send each other a file over two service nodes', async () => {
    await using network = await startNetwork({ nodes: 2 })
    const script = await bundleForBrowser(fileURLToPath(new URL('pages/tab.ts', import.meta.url)))
    await using served = await servePage(script)
    const browser = await launchChromium()
    try {
      const open = async (senderId: string, index: number) => {
        const page = await browser.newPage()
        await page.goto(served.url)
        await page.waitForFunction(() => 'tab' in globalThis)
        const options: TabOptions = {
          senderId,
          address: network.devnet.multiaddrs[index]!,
          networkConfig: { clusterId: 66, numShardsInCluster: 8 },
        }
        await page.evaluate((given) => tab.join(given), options)
        return page
      }
      const [left, right] = await Promise.all([open('left', 0), open('right', 1)])
      for (const [from, sender, receiver] of [
        ['left', left, right],
        ['right', right, left],
      ] as const) {
        const [digest, received] = await Promise.all([
          sender.evaluate((bytes) => tab.send(bytes), FILE_BYTES),
          receiver.evaluate(() => tab.receive()),
        ])
        expect(received).toEqual({ from, bytes: FILE_BYTES, digest })
      }
      await Promise.all([left, right].map((page) => page.evaluate(() => tab.leave())))
    } finally {
      await browser.close()
    }
  })
})
