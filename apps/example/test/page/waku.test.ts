import { devnet } from '@reliable-channels/waku-devnet'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { chromiumPath } from '../../../../scripts/chromium.ts'
import { drawPhoto } from '../../src/page/world/photo.ts'
import { seriousProblems } from './axe.ts'
import { inChromium } from './in-chromium.ts'

describe.skipIf(chromiumPath === undefined)('the page over Waku', () => {
  const chromium = inChromium()

  /** Opens the page, switches to Waku, and joins. */
  async function join(name: string, addresses: readonly string[], passphrase = ''): Promise<Page> {
    const page = await chromium.browser.newPage({ viewport: { width: 1_440, height: 900 } })
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(`${chromium.served.url}?preset=clean&chatter=0`)
    await page.waitForSelector('.clock')
    // Nothing of Waku is loaded before it is asked for.
    expect(requests.filter((url) => url.includes('waku'))).toEqual([])
    await page.getByRole('button', { name: 'Waku' }).click()
    await page.getByLabel('Addresses of service nodes').fill(addresses.join('\n'))
    await page.getByLabel('Your name').fill(name)
    await page.getByLabel(/^Passphrase/).fill(passphrase)
    await page.getByRole('button', { name: 'Join' }).click()
    return page
  }

  it('two pages on a devnet exchange a photo, sealed, and see who has what', async () => {
    await using network = await devnet({ nodes: 2, rateLimits: false })
    const [first, second] = network.multiaddrs
    const [alice, bob] = await Promise.all([
      join('alice', [first!], 'north gate'),
      join('bob', [second!], 'north gate'),
    ])
    for (const page of [alice, bob])
      await page.getByRole('heading', { name: 'Connected' }).waitFor({ timeout: 120_000 })
    await bob.getByLabel('Write as bob').fill('Send me the photo.')
    await bob.keyboard.press('Enter')
    await alice.locator('.bubble', { hasText: 'Send me the photo.' }).waitFor({ timeout: 120_000 })
    const photo = drawPhoto()
    await alice.getByLabel('Send a file as alice').setInputFiles({
      name: 'hills.bmp',
      mimeType: 'image/bmp',
      buffer: Buffer.from(photo),
    })
    const picture = bob.locator('.bubble img')
    await picture.waitFor({ timeout: 240_000 })
    const digest = await picture.evaluate(async (image: HTMLImageElement) => {
      const bytes = await (await fetch(image.src)).arrayBuffer()
      return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
    })
    expect(digest).toEqual([...new Uint8Array(await crypto.subtle.digest('SHA-256', photo))])
    await alice
      .locator('[data-own=true] [data-tick=delivered]', { hasText: 'bob' })
      .waitFor({ timeout: 120_000 })
    expect(await alice.getByRole('region', { name: 'Connection' }).innerText()).toMatch(/bob/)
    expect(await seriousProblems(alice)).toEqual([])

    // A reload asks for the passphrase alone, and goes on with what was said.
    await alice.reload()
    expect(await alice.getByLabel('Your name').inputValue()).toBe('alice')
    await alice.getByLabel(/^Passphrase/).fill('north gate')
    await alice.getByRole('button', { name: 'Join' }).click()
    await alice.locator('.bubble', { hasText: 'Send me the photo.' }).waitFor({ timeout: 120_000 })
    await alice.locator('[data-own=true]', { hasText: 'hills.bmp' }).waitFor({ timeout: 120_000 })
    await Promise.all([alice.close(), bob.close()])
  })

  it.each([
    ['light', 1_440],
    ['dark', 390],
  ] as const)(
    'asks where to join with nothing serious against it by axe: %s, %i px',
    async (colorScheme, width) => {
      const page = await chromium.browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      await page.goto(`${chromium.served.url}?network=waku`)
      await page.getByLabel('Addresses of service nodes').waitFor()
      expect(await seriousProblems(page)).toEqual([])
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0)
      await page.close()
    },
  )

  it('says what is wrong and what to do when nobody answers, and lets the visitor correct it', async () => {
    // A port below 1024, which no test has.
    const page = await join('carol', [
      '/ip4/127.0.0.1/tcp/1009/ws/p2p/16Uiu2HAmPLe7Mzm8TsYUubgCAW1aJoeFScxrLj8ppHFivPo97bUZ',
    ])
    const connection = page.getByRole('region', { name: 'Connection' })
    await connection.locator('.notice').waitFor({ timeout: 120_000 })
    expect(await connection.innerText()).toContain('npx pnpm@12 rc devnet')
    await page.getByRole('button', { name: 'Leave' }).click()
    expect(await page.getByLabel('Addresses of service nodes').inputValue()).toContain('/tcp/1009/')
    await page.getByLabel('Addresses of service nodes').fill('localhost:61000')
    await page.getByRole('button', { name: 'Join' }).click()
    expect(await page.getByRole('alert').innerText()).toContain('localhost:61000 is no address')
    await page.getByRole('button', { name: 'Simulated' }).click()
    await page.locator('[data-peer=alice] .bubble').first().waitFor()
    await page.close()
  })
})
