import type { Browser, BrowserContext, Page } from 'playwright-core'

/** How a page is opened. */
export interface PageOptions {
  readonly width: number
  readonly dark?: boolean
  /** The visitor asked for less motion. */
  readonly still?: boolean
  /** The browser has no WebAssembly, as Safari in lockdown mode. */
  readonly bare?: boolean
}

/** Opens the page for a visitor of its own, or in a context that was opened before; and collects whatever it complains of. */
export async function openPage(
  opener: Browser | BrowserContext,
  url: string,
  { width, dark = false, still = false, bare = false }: PageOptions,
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await opener.newPage()
  await page.setViewportSize({ width, height: 900 })
  await page.emulateMedia({
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: still ? 'reduce' : 'no-preference',
  })
  if (bare) await page.addInitScript('delete globalThis.WebAssembly')
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('requestfailed', (request) => complaints.push(request.url()))
  await page.goto(url)
  await page.waitForSelector('.pane')
  return { page, complaints }
}
