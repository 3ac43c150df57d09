import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../world/settings.ts'
import { codeFor } from './code.ts'

const run = promisify(execFile)
/** From here the packages of the workspace are found. */
const MODULES = fileURLToPath(new URL('../../../node_modules/', import.meta.url))
const ALL_SET = {
  ...DEFAULT_SETTINGS,
  parityRate: 0.2,
  quota: 10,
  segmentSizeBytes: 4_096,
  partition: 'carol',
} as const

describe('the code for the settings', () => {
  it('names nothing that is a default', () => {
    const code = codeFor({ ...DEFAULT_SETTINGS, jitterMs: 0, duplicate: 0, reorder: 0 })
    expect(code).toContain('simulatedNetwork({ seed: 7, loss: 0.3, latencyMs: 80 })')
    expect(code).not.toMatch(/rateLimit|parityRate|segmentSizeBytes|partition/)
  })

  it('names the options that the sliders set', () => {
    const code = codeFor(ALL_SET)
    expect(code).toContain('rateLimit: { messagesPerEpoch: 10, epochMs: 10_000 },')
    expect(code).toContain('parityRate: 0.2,')
    expect(code).toContain('segmentSizeBytes: 4096,')
    expect(code).toContain("network.partition([['carol']])")
  })

  it('says what to install: every package that it imports', () => {
    const code = codeFor(DEFAULT_SETTINGS)
    const [install] = code.split('\n')
    for (const [, name] of code.matchAll(/from '([^']+)'/g)) expect(install).toContain(` ${name!} `)
  })

  it.each([
    ['as the page opens', DEFAULT_SETTINGS],
    ['with everything set', ALL_SET],
  ])('runs as it is copied, delivers, and ends: %s', async (_, settings) => {
    const folder = await mkdtemp(join(MODULES, '.copied-code-'))
    try {
      const file = join(folder, 'copied.mjs')
      await writeFile(file, codeFor(settings))
      const { stdout } = await run(process.execPath, ['--conditions=@reliable-channels/source', file])
      expect(stdout).toMatch(/alice Can you read this\?\n/)
      expect(stdout).toContain("deliveredTo: [ 'bob' ]")
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
