import { describe, expect, it } from 'vitest'
import { chromiumPath } from '../../../../scripts/chromium.ts'
import { inChromium } from './in-chromium.ts'
import { openPage } from './open-page.ts'
import { traceFrames } from './trace-frames.ts'

/** Messages that are said while the page is looked at. */
const MESSAGES = 60

interface Drawn {
  said: number
  added: number
  changed: number
}

declare const drawn: Drawn

describe.skipIf(chromiumPath === undefined)('the page with 20 messages a second', () => {
  const chromium = inChromium()

  it('draws each message once for each peer, changes it a few times, and grows no further', async () => {
    const url = `${chromium.served.url}?preset=bad-wifi&chatter=20`
    const { page } = await openPage(chromium.browser, url, { width: 1_440 })
    await page.getByRole('button', { name: '4×' }).click()
    // As many as a pane shows.
    const full = (): boolean => document.querySelectorAll('[data-peer=alice] .bubble').length >= 30
    await page.waitForFunction(full, undefined, { timeout: 120_000 })
    const elements = (): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length)
    const before = await elements()
    await page.evaluate(() => {
      const seen: Drawn = { said: 0, added: 0, changed: 0 }
      Object.assign(globalThis, { drawn: seen })
      const bubbleOf = (node: Node): Element | null =>
        (node instanceof Element ? node : node.parentElement)?.closest('.bubble') ?? null
      new MutationObserver((mutations) => {
        for (const { type, target, addedNodes } of mutations) {
          const bubbles = [...addedNodes].filter((node) => node instanceof Element && node.matches('.bubble'))
          seen.added += bubbles.length
          seen.said += bubbles.filter((node) => (node as HTMLElement).dataset['own'] === 'true').length
          if (type !== 'childList' || bubbles.length === 0) seen.changed += bubbleOf(target) === null ? 0 : 1
        }
      }).observe(document.querySelector('.panes')!, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      })
    })
    const { forcedLayouts } = await traceFrames(chromium.browser, page, () =>
      page.waitForFunction((count) => drawn.said >= count, MESSAGES, { timeout: 120_000 }),
    )
    const { said, added, changed } = await page.evaluate(() => drawn)
    // Some were said before, and come while it is looked at.
    expect(added).toBeLessThanOrEqual(3 * said + 60)
    // From queued to sent to delivered, by one and then by two: mark, path, and two texts.
    expect(changed / said).toBeLessThan(25)
    expect(forcedLayouts).toBeLessThan(said / 4)
    // Arcs of the graph come and go.
    expect(await elements()).toBeLessThan(before + 250)
    await page.close()
  })
})
