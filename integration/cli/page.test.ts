import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { drawPhoto } from '../../apps/example/src/page/world/photo.ts'
import { untilBuilt } from '../../apps/example/test/page/served-page.ts'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'
import { Terminal } from './terminal.ts'

describe.skipIf(chromiumPath === undefined)(
  'rc in a terminal and the page in Chromium, over a devnet',
  () => {
    it('talk with each other, sealed, and exchange a photo both ways', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'rc-page-'))
      const env = { RC_DEVNET_FILE: join(folder, 'devnet.json') }
      const { url } = inject('examplePage')
      await untilBuilt(url)
      const browser = await launchChromium()
      try {
        await using network = new Terminal(['devnet', '--port', '0', '--nodes', '2'], env)
        await network.until(/Ctrl-C stops/)
        const [address] = /\/\S+\/ws\/p2p\/\w+/.exec(network.text) ?? []
        await using alice = new Terminal(
          ['chat', 'hike', '--devnet', '--name', 'alice', '--save', folder, '--passphrase'],
          env,
        )
        await alice.until(/Passphrase/)
        alice.type('north gate')
        await alice.until(/type to talk/)

        const page = await browser.newPage()
        await page.goto(`${url}?network=waku&name=bob&channel=hike&node=${encodeURIComponent(address!)}`)
        await page.getByLabel(/^Passphrase/).fill('north gate')
        await page.getByRole('button', { name: 'Join' }).click()
        await page.getByRole('heading', { name: 'Connected' }).waitFor({ timeout: 120_000 })
        await page.getByLabel('Write as bob').fill('hello from the page')
        await page.keyboard.press('Enter')
        await alice.until(/bob +hello from the page/)
        alice.type('hello from the terminal')
        await page.locator('.bubble', { hasText: 'hello from the terminal' }).waitFor({ timeout: 120_000 })

        const photo = Buffer.from(drawPhoto())
        await page
          .getByLabel('Send a file as bob')
          .setInputFiles({ name: 'hills.bmp', mimeType: 'image/bmp', buffer: photo })
        await alice.until(/bob +sent hills\.bmp/)
        expect(readFileSync(join(folder, 'hills.bmp')).equals(photo)).toBe(true)
        alice.type(`/send ${join(folder, 'hills.bmp')}`)
        const picture = page.locator('.bubble[data-own=false] img')
        await picture.waitFor({ timeout: 240_000 })
        const digest = await picture.evaluate(async (image: HTMLImageElement) => {
          const bytes = await (await fetch(image.src)).arrayBuffer()
          return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
        })
        expect(digest).toEqual([...createHash('sha256').update(photo).digest()])
      } finally {
        await browser.close()
        rmSync(folder, { recursive: true, force: true })
      }
    })
  },
)
