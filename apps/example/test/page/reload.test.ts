import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath } from '../../../../scripts/chromium.ts'
import { drawPhoto } from '../../src/page/world/photo.ts'
import { inChromium } from './in-chromium.ts'
import { openPage } from './open-page.ts'

const KEPT = 'Kept in this browser'

describe.skipIf(chromiumPath === undefined)('a reload of the page', () => {
  const chromium = inChromium()
  let context: BrowserContext

  beforeEach(async () => {
    context = await chromium.browser.newContext()
  })
  afterEach(() => context.close())

  const said = (page: Page, peer: string): Promise<string[]> =>
    page.locator(`[data-peer=${peer}] .bubble`).allInnerTexts()
  const clock = async (page: Page): Promise<number> =>
    Number.parseFloat(await page.getByLabel('Time in this world').innerText())
  /** Waits until the conversation is kept up to this moment of its time, s. */
  const keptUpTo = (page: Page, seconds: number): Promise<unknown> =>
    page.waitForFunction(
      (ms) => Number(document.querySelector<HTMLElement>('.keeping')?.dataset['keptMs'] ?? 0) >= ms,
      seconds * 1_000,
      { timeout: 120_000 },
    )

  it('goes on with the conversation, its time, its settings and who is offline', async () => {
    const { page, complaints } = await openPage(
      context,
      `${chromium.served.url}?preset=clean&chatter=0&seed=9`,
      {
        width: 1_440,
      },
    )
    await page.getByLabel('Write as Alice').fill('Before the reload.')
    await page.keyboard.press('Enter')
    await page.locator('[data-peer=carol]', { hasText: 'Before the reload.' }).waitFor()
    await page.getByLabel('Go offline as Bob').click()
    await page.getByText(KEPT).waitFor()
    // The clock shows tenths of a second, and is told a little later.
    const before = await clock(page)
    await keptUpTo(page, before + 0.3)
    await page.reload()
    await page.getByLabel('Come back as Bob').waitFor()
    await page.locator('[data-peer=carol]', { hasText: 'Before the reload.' }).waitFor()
    expect(await clock(page)).toBeGreaterThan(before)
    expect(new URL(page.url()).searchParams.get('seed')).toBe('9')
    const mine = (await said(page, 'alice')).filter((text) => text.includes('Before the reload.'))
    expect(mine).toHaveLength(1)

    await page.getByLabel('Write as Carol').fill('After it.')
    await page.keyboard.press('Enter')
    await page.locator('[data-peer=alice]', { hasText: 'After it.' }).waitFor()
    await page.getByLabel('Come back as Bob').click()
    await page.locator('[data-peer=bob]', { hasText: 'After it.' }).waitFor()
    expect(complaints).toEqual([])
  })

  it('half-way through a photo of 2 MB: it arrives, byte for byte', async () => {
    // So few frames in ten seconds that the reload comes in the middle.
    const { page, complaints } = await openPage(
      context,
      `${chromium.served.url}?preset=photo&chatter=0&quota=30`,
      {
        width: 1_440,
      },
    )
    const arriving = page.locator('[data-peer=bob] .arriving progress')
    await arriving.waitFor()
    await page.waitForFunction(
      () => document.querySelector<HTMLProgressElement>('[data-peer=bob] .arriving progress')!.value > 8,
    )
    await keptUpTo(page, (await clock(page)) + 0.3)
    await page.reload()
    await arriving.waitFor()
    expect(await arriving.evaluate((bar: HTMLProgressElement) => bar.value)).toBeGreaterThan(8)
    await page.getByRole('button', { name: '4×' }).click()
    for (const peer of ['bob', 'carol']) {
      const picture = page.locator(`[data-peer=${peer}] .bubble img`)
      await picture.waitFor({ timeout: 200_000 })
      const digest = await picture.evaluate(async (image: HTMLImageElement) => {
        const bytes = await (await fetch(image.src)).arrayBuffer()
        return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
      })
      expect(digest).toEqual([...new Uint8Array(await crypto.subtle.digest('SHA-256', drawPhoto()))])
    }
    expect(complaints).toEqual([])
  })

  it('starts over when that is wished, or another seed is asked for; and one tab keeps what is said', async () => {
    const { page } = await openPage(context, `${chromium.served.url}?preset=clean&chatter=0`, {
      width: 1_440,
    })
    await page.getByLabel('Write as Alice').fill('To be forgotten.')
    await page.keyboard.press('Enter')
    await page.locator('[data-peer=bob]', { hasText: 'To be forgotten.' }).waitFor()
    await page.getByText(KEPT).waitFor()
    const { page: other } = await openPage(context, `${chromium.served.url}?preset=clean&chatter=0`, {
      width: 1_440,
    })
    await other.getByText('another tab keeps its conversation').waitFor()
    await other.close()
    const before = await clock(page)
    await page.getByRole('button', { name: 'Start over' }).click()
    await page.waitForFunction(
      (most) => Number.parseFloat(document.querySelector('.clock')!.textContent) < most,
      before,
    )
    await keptUpTo(page, 6.5)
    await page.reload()
    await page.waitForSelector('.clock')
    expect(await clock(page)).toBeGreaterThan(6)
    expect((await said(page, 'alice')).some((text) => text.includes('To be forgotten.'))).toBe(false)
    await page.goto(`${chromium.served.url}?preset=clean&chatter=0&seed=12`)
    await page.waitForSelector('.clock')
    expect(await clock(page)).toBeLessThan(6)
  })
})
