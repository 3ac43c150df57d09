import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { chromiumPath } from '../../../../scripts/chromium.ts'
import { inChromium } from './in-chromium.ts'
import { openPage } from './open-page.ts'

const QUIET = '?preset=clean&chatter=0'
/** More than the page has to stop at. */
const MOST_TABS = 150

describe.skipIf(chromiumPath === undefined)('the page without a mouse, and with other eyes', () => {
  const chromium = inChromium()

  /** Opens the page and lets it stand still once all was said, so that nothing comes while it is looked at. */
  async function openStill(width: number): Promise<Page> {
    const { page } = await openPage(chromium.browser, `${chromium.served.url}${QUIET}`, { width })
    await page.getByRole('button', { name: '4×' }).click()
    await page.waitForFunction(() => document.querySelectorAll('[data-peer=alice] .bubble').length === 8)
    await page.getByRole('button', { name: 'Pause' }).click()
    return page
  }

  it.each([1_440, 390])('reaches everything by Tab, and shows where it is: %i px', async (width) => {
    const page = await openStill(width)
    const all = await page.evaluate(() => {
      const stops = [
        ...document.querySelectorAll<HTMLElement>('button, input, select, summary, [tabindex="0"]'),
      ]
      const shown = stops.filter((element) => element.checkVisibility())
      for (const [i, element] of shown.entries()) element.dataset['stop'] = String(i)
      ;(document.activeElement as HTMLElement | null)?.blur()
      return shown.length
    })
    expect(all).toBeGreaterThan(30)
    const reached = new Set<string>()
    const unseen = new Set<string>()
    for (let i = 0; i < MOST_TABS && reached.size < all; i++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        // What is hidden, such as the input for a file, shows it at its label.
        const label = element.nextElementSibling ?? element
        const isSeen = [element, label].some((each) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(each)
          return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
        })
        return { id: element.dataset['stop'], html: element.outerHTML.slice(0, 120), isSeen }
      })
      if (stop.id === undefined) continue
      reached.add(stop.id)
      if (!stop.isSeen) unseen.add(stop.html)
    }
    expect([...unseen]).toEqual([])
    expect(reached.size).toBe(all)
    await page.close()
  })

  it.each(['Escape', 'Close'])('keeps the focus in the drawer, and gives it back: %s', async (how) => {
    const page = await openStill(1_440)
    const opener = page.locator('[data-peer=bob] .bubble button').nth(2)
    await opener.focus()
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog')
    await drawer.waitFor()
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab')
      const isOutside = await page.evaluate(() => {
        const { activeElement, body } = document
        // Between the last and the first stop the browser itself has the focus.
        return activeElement !== body && activeElement?.closest('dialog') === null
      })
      expect(isOutside).toBe(false)
    }
    if (how === 'Escape') await page.keyboard.press('Escape')
    else {
      await drawer.getByRole('button', { name: 'Close' }).focus()
      await page.keyboard.press('Enter')
    }
    await drawer.waitFor({ state: 'detached' })
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.close()
  })

  it('chooses, writes, and switches by keys alone', async () => {
    const { page } = await openPage(chromium.browser, `${chromium.served.url}${QUIET}`, { width: 1_440 })
    await page.getByRole('button', { name: 'Wrong key' }).focus()
    await page.keyboard.press('Space')
    await page.getByText('Carol has another key.').waitFor()
    const loss = page.getByRole('slider', { name: /^Loss/ })
    await loss.focus()
    await page.keyboard.press('ArrowRight')
    const lossInAddress = (): string | null => new URL(page.url()).searchParams.get('loss')
    await expect.poll(lossInAddress).toBe('0.05')
    // Enter begins a run with that seed.
    await page.getByLabel('Write as Bob').fill('Of the run before')
    await page.keyboard.press('Enter')
    const before = page.locator('[data-peer=bob]', { hasText: 'Of the run before' })
    await before.waitFor()
    await page.getByLabel('Seed').fill('12')
    await page.keyboard.press('Enter')
    await before.waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.get('seed')).toBe('12')
    await page.getByRole('button', { name: 'Waku' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Addresses of service nodes').waitFor()
    await page.close()
  })

  it('moves every slider, one after the other, and everybody still gets what is said', async () => {
    const { page, complaints } = await openPage(chromium.browser, `${chromium.served.url}${QUIET}`, {
      width: 1_440,
    })
    await page.getByRole('slider').nth(8).waitFor()
    const sliders = await page.getByRole('slider').all()
    const moved = new Set<string>()
    for (const slider of sliders) {
      const before = page.url()
      await slider.press(
        (await slider.inputValue()) === (await slider.getAttribute('max')) ? 'ArrowLeft' : 'ArrowRight',
      )
      await expect.poll(() => page.url()).not.toBe(before)
      const [was, is] = [before, page.url()].map((url) => new URL(url).searchParams)
      for (const name of new Set([...was!.keys(), ...is!.keys()]))
        if (was!.get(name) !== is!.get(name)) moved.add(name)
    }
    expect(moved.size).toBe(sliders.length)
    await page.getByLabel('Write as Bob').fill('Still there?')
    await page.keyboard.press('Enter')
    for (const peer of ['alice', 'carol'])
      await page.locator(`[data-peer=${peer}]`, { hasText: 'Still there?' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('announces what became of what the visitor did, and nothing else', async () => {
    const { page } = await openPage(chromium.browser, `${chromium.served.url}${QUIET}`, { width: 1_440 })
    const announced = page.locator('.visually-hidden[role=status]')
    expect(await announced.innerText()).toBe('')
    await page.getByLabel('Write as Bob').fill('Can you hear me?')
    await page.keyboard.press('Enter')
    await announced.getByText(/^Your message: Delivered to .*(Alice|Carol)/).waitFor()
    await page.getByLabel('Go offline as Carol').click()
    await announced.getByText('Carol is offline').waitFor()
    await page.close()
  })

  /** Whether anything is drawn on the canvas of the dots. */
  const hasDots = (page: Page): Promise<boolean> =>
    page.evaluate(() => {
      const canvas = document.querySelectorAll('canvas')[1]!
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value) => value > 0)
    })
  /** What is drawn of the stages. */
  const stages = (page: Page): Promise<string> =>
    page.evaluate(() => document.querySelector('canvas')!.toDataURL())

  it('moves no dots for who asked for less motion, and counts instead; and heeds it when it is asked for later', async () => {
    const { page } = await openPage(chromium.browser, `${chromium.served.url}?chatter=20`, {
      width: 1_440,
      still: true,
    })
    await page.waitForFunction(() => document.querySelectorAll('.bubble').length > 20)
    const before = await stages(page)
    for (let i = 0; i < 10; i++) {
      expect(await hasDots(page)).toBe(false)
      await page.evaluate(() => new Promise(requestAnimationFrame))
    }
    await expect.poll(() => stages(page)).not.toBe(before)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    await expect.poll(() => hasDots(page)).toBe(true)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await expect.poll(() => hasDots(page)).toBe(false)
    await page.close()
  })

  it('is light or dark as the visitor likes it, what is drawn too', async () => {
    const { page } = await openPage(chromium.browser, `${chromium.served.url}${QUIET}`, { width: 1_440 })
    await page.waitForFunction(() => document.querySelectorAll('canvas').length > 1)
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const [light, drawn] = [await ground(), await stages(page)]
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await ground()).not.toBe(light)
    await expect.poll(() => stages(page)).not.toBe(drawn)
    await page.close()
  })
})
