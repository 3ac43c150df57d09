import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'
import { type Built, buildSite } from '../build/build.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

declare const axe: {
  run(options: { readonly preload: boolean }): Promise<{ readonly violations: readonly Violation[] }>
}

describe('the site', () => {
  let folder: string
  let built: Built
  let browser: Browser | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docs-site-'))
    built = await buildSite(folder)
    if (chromiumPath !== undefined) browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Opens a page from disk, as a reader without a server does, and collects whatever it complains of. */
  async function open(
    path: string,
    { width, dark = false }: { width: number; dark?: boolean },
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser!.newPage({
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
    })
    const complaints: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(`asks for ${request.url()}`)
    })
    await page.goto(pathToFileURL(join(folder, `${path}.html`)).href)
    return { page, complaints }
  }

  /** What axe has against a page; style sheets are not fetched for it, which a page from disk may not do. */
  async function violationsOf(page: Page): Promise<string[]> {
    await page.addScriptTag({ path: AXE })
    const { violations } = await page.evaluate(() => axe.run({ preload: false }))
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  }

  it('has no dead link, no code that is not tested, and nothing that is loaded from the network', () => {
    expect(built.problems).toEqual([])
  })

  describe.skipIf(chromiumPath === undefined)('in Chromium, from disk', () => {
    it.each([
      ['index', 1_440, false],
      ['index', 390, true],
      ['start/quick-start', 1_440, true],
      ['guides/chat', 390, false],
      ['understand/wire-formats', 1_440, false],
      ['understand/lost-message', 390, false],
      ['reference/events', 390, true],
      ['reference/api/store', 1_440, true],
    ])('%s passes axe, at %i px, and is no wider than the window', async (path, width, dark) => {
      const { page, complaints } = await open(path, { width, dark })
      expect(await violationsOf(page)).toEqual([])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(overflow).toBeLessThanOrEqual(0)
      expect(complaints).toEqual([])
      await page.close()
    })

    it('finds a page by a word of it, with the keyboard alone', async () => {
      const { page, complaints } = await open('index', { width: 1_440 })
      await page.keyboard.press('/')
      await page.getByRole('combobox').fill('quick start')
      await page.getByRole('option', { name: 'Quick start' }).first().waitFor()
      expect(await violationsOf(page)).toEqual([])
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Quick start', level: 1 }).waitFor()
      expect(complaints).toEqual([])
      await page.close()
    })

    it.each([
      // A word brings what explains it, a name what is called so.
      ['history', 'Show the history', 'Build a chat'],
      ['receipts', 'Say something', 'Build a chat'],
      ['tabs', 'Tabs', 'Several devices and tabs'],
      ['bun', 'Where it runs', ''],
      ['openChannel', 'openChannel', 'channel'],
      ['useMessages', 'useMessages', 'react'],
      ['ERR_QUEUE_FULL', 'ERR_QUEUE_FULL', 'Errors'],
    ])('finds among the first three for "%s": %s', async (query, heading, title) => {
      const { page } = await open('index', { width: 1_440 })
      await page.keyboard.press('/')
      await page.getByRole('combobox').fill(query)
      await page.getByRole('option').first().waitFor()
      const found = await page
        .getByRole('option')
        .evaluateAll((options) =>
          options
            .slice(0, 3)
            .map((option) => [
              option.querySelector('strong')!.innerText,
              option.querySelector('small')!.innerText,
            ]),
        )
      expect(found).toContainEqual([heading, title])
      await page.close()
    })

    it('shows the navigation behind a button where the window is narrow', async () => {
      const { page } = await open('index', { width: 390 })
      const link = page.getByRole('navigation', { name: 'Pages' }).getByText('Quick start')
      expect(await link.isVisible()).toBe(false)
      await page.getByRole('button', { name: 'Menu' }).click()
      await link.click()
      await page.getByRole('heading', { name: 'Quick start', level: 1 }).waitFor()
      await page.close()
    })

    it('turns dark, and stays so on the next page', async () => {
      const { page } = await open('index', { width: 1_440 })
      const ground = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      const light = await ground()
      await page.getByRole('button', { name: 'Switch between light and dark' }).click()
      const dark = await ground()
      expect(dark).not.toBe(light)
      await page.getByRole('navigation', { name: 'Pages' }).getByText('Quick start').click()
      await page.getByRole('heading', { name: 'Quick start', level: 1 }).waitFor()
      expect(await ground()).toBe(dark)
      await page.close()
    })
  })
})
