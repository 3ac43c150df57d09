import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launchChromium } from '../../../../scripts/chromium.ts'
import { type ServedPage, servePage } from './served-page.ts'

/** The built page, and a browser to open it in, for the tests of one `describe`. */
export interface InChromium {
  readonly served: ServedPage
  readonly browser: Browser
}

/** Builds and serves the page and starts a browser before the tests, and ends both after them. */
export function inChromium(): InChromium {
  let served: ServedPage | undefined
  let browser: Browser | undefined
  beforeAll(async () => {
    served = await servePage()
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await served?.[Symbol.asyncDispose]()
  })
  return {
    get served() {
      return served!
    },
    get browser() {
      return browser!
    },
  }
}
