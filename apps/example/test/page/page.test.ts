import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawPhoto } from '../../src/page/world/photo.ts'
import { PRESETS } from '../../src/page/world/presets.ts'
import { PEERS } from '../../src/page/world/settings.ts'
import { chromiumPath } from '../../../../scripts/chromium.ts'
import { seriousProblems } from './axe.ts'
import { inChromium } from './in-chromium.ts'
import { type PageOptions, openPage } from './open-page.ts'

/** `npx pnpm@12 exec vitest run apps/example/test/page` with this set keeps the pictures there. */
const KEEP = process.env['EXAMPLE_SCREENSHOTS']
const FIRST_LOAD_BYTES = 150_000

describe.skipIf(chromiumPath === undefined)('the page in Chromium', () => {
  const chromium = inChromium()
  let pictures: string

  beforeAll(async () => {
    pictures = KEEP ?? (await mkdtemp(join(tmpdir(), 'example-pictures-')))
    await mkdir(pictures, { recursive: true })
  })

  afterAll(async () => {
    if (KEEP === undefined) await rm(pictures, { recursive: true, force: true })
  })

  const open = (query: string, options: PageOptions): ReturnType<typeof openPage> =>
    openPage(chromium.browser, `${chromium.served.url}${query}`, options)

  /** Takes a picture of a tenth of the size that a PNG has. */
  async function picture(page: Page, name: string, fullPage = false): Promise<void> {
    const session = await page.context().newCDPSession(page)
    const { width, height } = await page.evaluate((whole) => {
      const { scrollWidth, scrollHeight } = document.documentElement
      return { width: scrollWidth, height: whole ? scrollHeight : innerHeight }
    }, fullPage)
    const { data } = await session.send('Page.captureScreenshot', {
      format: 'webp',
      quality: 70,
      captureBeyondViewport: fullPage,
      clip: { x: 0, y: 0, width, height, scale: 1 },
    })
    await session.detach()
    const bytes = Buffer.from(data, 'base64')
    expect(bytes.length).toBeGreaterThan(10_000)
    await writeFile(join(pictures, `${name}.webp`), bytes)
  }

  /** How many messages each pane has. */
  const counts = (page: Page): Promise<number[]> =>
    page.evaluate(
      (peers) => peers.map((peer) => document.querySelectorAll(`[data-peer=${peer}] .bubble`).length),
      [...PEERS],
    )

  it.each(PRESETS)(
    '$title: what is sent is delivered to everybody who is there and has the key',
    async ({ id }) => {
      const { page, complaints } = await open(`?preset=${id}&chatter=0`, { width: 1_440 })
      await page.getByRole('button', { name: '4×' }).click()
      const expected = id === 'photo' ? 9 : 8
      await page.waitForFunction(
        ({ expected, readers }) =>
          readers.every((peer) => {
            const own = document.querySelectorAll(`[data-peer=${peer}] [data-tick]`).length
            const ticked = document.querySelectorAll(`[data-peer=${peer}] [data-tick=delivered]`).length
            const all = document.querySelectorAll(`[data-peer=${peer}] .bubble`).length
            return own > 0 && ticked === own && all === expected
          }),
        // Who has the wrong key hears nobody, and nobody hears him.
        {
          expected: id === 'wrong-key' ? 6 : expected,
          readers: id === 'wrong-key' ? ['alice', 'bob'] : [...PEERS],
        },
        { timeout: 120_000 },
      )
      if (id === 'wrong-key') expect(await counts(page)).toEqual([6, 6, 2])
      await picture(page, `${id}-1440`)
      await page.setViewportSize({ width: 390, height: 844 })
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(overflow).toBeLessThanOrEqual(0)
      await picture(page, `${id}-390`, true)
      expect(complaints).toEqual([])
      await page.close()
    },
  )

  it('shows a conversation at the first paint, and the same one for the same seed', async () => {
    const [a, b] = [await open('?seed=11', { width: 1_440 }), await open('?seed=11', { width: 1_440 })]
    expect((await counts(a.page)).every((count) => count >= 3)).toBe(true)
    expect(new URL(a.page.url()).searchParams.get('seed')).toBe('11')
    const firstOf = (page: Page): Promise<string> =>
      page.locator('[data-peer=bob] .bubble').first().innerText()
    expect(await firstOf(a.page)).toBe(await firstOf(b.page))
    await Promise.all([a.page.close(), b.page.close()])
  })

  it('starts where there is no WebAssembly', async () => {
    const { page, complaints } = await open('?preset=clean&chatter=0', { width: 1_440, bare: true })
    await page.getByLabel('Write as Alice').fill('Lunch at noon?')
    await page.keyboard.press('Enter')
    await page.locator('[data-peer=bob]', { hasText: 'Lunch at noon?' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('sends what is dropped on a chat', async () => {
    const { page, complaints } = await open('?preset=clean&chatter=0', { width: 1_440 })
    const files = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['south '.repeat(20_000)], 'plan.txt', { type: 'text/plain' }))
      transfer.items.add(new File(['west'], 'note.txt', { type: 'text/plain' }))
      return transfer
    })
    for (const event of ['dragover', 'drop'])
      await page.dispatchEvent('[data-peer=alice]', event, { dataTransfer: files })
    for (const name of ['plan.txt', 'note.txt'])
      for (const peer of ['bob', 'carol'])
        await page.locator(`[data-peer=${peer}]`, { hasText: name }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('shows who reads the end what comes, a photo too, and leaves who reads further up where he is', async () => {
    const { page } = await open('?preset=clean&chatter=0', { width: 1_440 })
    const scroll = page.locator('[data-peer=bob] .scroll')
    /** Whether nothing is below what is seen. */
    const isAtEnd = (): Promise<boolean> => scroll.evaluate((list) => Math.round(list.scrollTop) === 0)
    const hear = async (text: string): Promise<void> => {
      await page.getByLabel('Write as Carol').fill(text)
      await page.keyboard.press('Enter')
      await page.locator('[data-peer=bob] .bubble', { hasText: text }).waitFor()
    }
    await page.getByLabel('Send a file as Alice').setInputFiles({
      name: 'hills.bmp',
      mimeType: 'image/bmp',
      buffer: Buffer.from(drawPhoto()),
    })
    await page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('[data-peer=bob] .bubble img')?.height ?? 0) > 50,
    )
    expect(await isAtEnd()).toBe(true)
    await hear('What a view!')
    expect(await isAtEnd()).toBe(true)
    const first = page.locator('[data-peer=bob] .bubble').first()
    await first.evaluate((bubble) => bubble.scrollIntoView({ block: 'start' }))
    /** Where the first message is in what is seen, px. */
    const top = (): Promise<number> =>
      first.evaluate((bubble) => {
        const seen = bubble.closest('.scroll')!
        return Math.round(bubble.getBoundingClientRect().top - seen.getBoundingClientRect().top)
      })
    const read = await top()
    await hear('Bob, are you there?')
    expect(await top()).toBeCloseTo(read)
    expect(await isAtEnd()).toBe(false)
    await page.getByLabel('Write as Bob').fill('Back at the end.')
    await page.keyboard.press('Enter')
    await expect.poll(isAtEnd).toBe(true)
    await page.close()
  })

  it('stays when a file is dropped beside the conversations, and lets a file that came be saved', async () => {
    const { page, complaints } = await open('?preset=clean&chatter=0', { width: 1_440 })
    await page.locator('.clock').waitFor()
    const isPrevented = await page.evaluate(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['west'], 'note.txt', { type: 'text/plain' }))
      const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
      return !document.querySelector('.pipeline')!.dispatchEvent(drop)
    })
    expect(isPrevented).toBe(true)
    await page.getByLabel('Send a file as Bob').setInputFiles({
      name: 'map.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('north'),
    })
    await page.locator('[data-peer=alice] .bubble', { hasText: 'map.txt' }).getByRole('button').click()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Save the file' }).click()
    const saved = await download
    expect(saved.suggestedFilename()).toBe('map.txt')
    expect(await readFile(await saved.path(), 'utf8')).toBe('north')
    expect(complaints).toEqual([])
    await page.close()
  })

  it('says who is cut off', async () => {
    const { page } = await open('?preset=clean&chatter=0', { width: 1_440 })
    await page.getByLabel('Partition').selectOption('carol')
    await page.locator('[data-peer=carol] .health', { hasText: 'cut off' }).waitFor()
    expect(await page.locator('[data-peer=bob] .health').innerText()).toBe('up to date')
    // The address has it, for whoever gets the link.
    const link = new URL(page.url())
    expect(link.searchParams.get('partition')).toBe('carol')
    await page.close()
    const other = await open(link.search, { width: 1_440 })
    await other.page.locator('[data-peer=carol] .health', { hasText: 'cut off' }).waitFor()
    await other.page.close()
  })

  it('begins anew with what the visitor has set, not with whom the preset had cut off by then', async () => {
    const { page } = await open('?preset=tunnel&chatter=0', { width: 1_440 })
    const carol = page.locator('[data-peer=carol] .health')
    await page.getByRole('button', { name: '4×' }).click()
    await carol.filter({ hasText: 'cut off' }).waitFor()
    // So slowly that nobody is let back, or cut off again, before it is looked at.
    await page.getByRole('button', { name: '0.25×' }).click()
    await page.getByRole('slider', { name: /^Latency/ }).press('ArrowRight')
    await page.waitForURL(/latencyMs=80/)
    expect(new URL(page.url()).searchParams.get('partition')).toBe(null)
    await page.getByRole('button', { name: 'Start over' }).click()
    await carol.filter({ hasText: 'up to date' }).waitFor()
    await page.close()
  })

  it('sends what is written, sends a file, and takes a peer offline and back', async () => {
    const { page, complaints } = await open('?preset=clean&chatter=0', { width: 1_440 })
    await page.getByLabel('Go offline as Carol').click()
    await page.getByLabel('Write as Alice').fill('Lunch at noon?')
    await page.keyboard.press('Enter')
    await page.getByLabel('Send a file as Bob').setInputFiles({
      name: 'map.txt',
      mimeType: 'text/plain',
      buffer: Buffer.alloc(300_000, 'north '),
    })
    await page.locator('[data-peer=bob]', { hasText: 'Lunch at noon?' }).waitFor()
    await page.locator('[data-peer=alice]', { hasText: 'map.txt' }).waitFor()
    expect(await page.locator('[data-peer=carol]', { hasText: 'Lunch at noon?' }).count()).toBe(0)
    await page.getByLabel('Come back as Carol').click()
    await page.locator('[data-peer=carol]', { hasText: 'Lunch at noon?' }).waitFor()
    await page.locator('[data-peer=carol]', { hasText: 'map.txt' }).waitFor()
    await page.locator('[data-peer=bob] .bubble', { hasText: 'map.txt' }).getByRole('button').click()
    const drawer = page.getByRole('dialog')
    await drawer.getByText('Sealed, as the network sees it').click()
    expect(await drawer.innerText()).toContain('3 segments')
    // Who has acknowledged it.
    await drawer.locator('dd', { hasText: /Alice|Carol/ }).waitFor()
    await picture(page, 'message-1440')
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
    await page.close()
  })

  it.each([
    ['light', 1_440, false],
    ['dark', 1_440, true],
    ['light', 390, false],
    ['dark', 390, true],
  ])('has nothing serious against it by axe: %s, %i px', async (_, width, dark) => {
    const { page } = await open('', { width, dark })
    expect(await seriousProblems(page)).toEqual([])
    await page.locator('.pane[data-viewed=true] .bubble button').first().click()
    await page.getByRole('dialog').waitFor()
    expect(await seriousProblems(page)).toEqual([])
    await page.close()
  })

  it('loads no more than 150 kB before the first paint', async () => {
    const names = new Set(['index.html'])
    let bytes = 0
    for (const name of names) {
      const file = await readFile(join(chromium.served.folder, name))
      bytes += gzipSync(file).length
      const pattern = name.endsWith('.html')
        ? /(?:src|href)="\.\/([^"]+)"/g
        : /(?:from|import)\s*["'`]\.\/([^"'`]+)["'`]/g
      const folder = name.includes('/') ? 'assets/' : ''
      for (const [, found] of file.toString().matchAll(pattern)) names.add(`${folder}${found}`)
    }
    // A page, its style, and at least one script; and what is loaded later is not among them.
    expect(names.size).toBeGreaterThanOrEqual(3)
    expect((await readdir(join(chromium.served.folder, 'assets'))).length).toBeGreaterThan(names.size)
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES)
  })
})
