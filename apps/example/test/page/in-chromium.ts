import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, inject } from 'vitest'
import { launchChromium } from '../../../../scripts/chromium.ts'
import { type ServedPage, untilBuilt } from './served-page.ts'

/** The built page, and a browser to open it in, for the tests of one `describe`. */
export interface InChromium {
  readonly served: ServedPage
  readonly browser: Browser
}

/** Has the page built and starts a browser before the tests, and ends the browser after them. */
export function inChromium(): InChromium {
  const served = inject('examplePage')
  let browser: Browser | undefined
  beforeAll(async () => {
    await untilBuilt(served.url)
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  return {
    served,
    get browser() {
      return browser!
    },
  }
}
