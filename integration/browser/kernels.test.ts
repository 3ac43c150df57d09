import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleForBrowser, servePage } from '../../scripts/browser-page.ts'
import { chromiumPath, launchChromium } from '../../scripts/chromium.ts'
import { type KernelResults, runKernels } from './kernels.page.ts'

describe.skipIf(chromiumPath === undefined)('the kernels in Chromium', () => {
  let browser: Browser
  let script: string

  beforeAll(async () => {
    script = await bundleForBrowser(fileURLToPath(new URL('./kernels.page.ts', import.meta.url)))
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
  })

  /** Runs them on the main thread of a page with this Content-Security-Policy. */
  async function resultsUnder(policy: string): Promise<{ results: KernelResults; errors: string[] }> {
    await using served = await servePage(script, { 'content-security-policy': policy })
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(served.url, { timeout: 250_000 })
    const results = await page.evaluate(() => globalThis.kernelResults)
    await page.close()
    return { results, errors }
  }

  it('fall back to TypeScript under a strict Content-Security-Policy, without an error', async () => {
    const { results, errors } = await resultsUnder("default-src 'none'; script-src 'self'")
    expect(errors).toEqual([])
    expect(results).toMatchObject({ keccak: 'typescript', leopard: 'typescript', instances: 0 })
    expect(results.hashes).toEqual(runKernels().hashes)
  })

  it("use WebAssembly where the policy says 'wasm-unsafe-eval', with the same bytes", async () => {
    const { results, errors } = await resultsUnder("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'")
    expect(errors).toEqual([])
    expect(results).toMatchObject({ keccak: 'wasm', leopard: 'wasm', instances: 3 })
    expect(results.hashes).toEqual(runKernels().hashes)
    for (const k of ['8 + 1', '32 + 4', '128 + 128', '227 + 29']) {
      expect(results.hashes[`leopard ${k}, recovered`]).toBe(results.hashes[`leopard ${k}, data`])
    }
  })
})
