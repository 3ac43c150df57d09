import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../world/settings.ts'
import { codeFor } from './code.ts'

describe('the code for the settings', () => {
  it('names nothing that is a default', () => {
    const code = codeFor({ ...DEFAULT_SETTINGS, jitterMs: 0, duplicate: 0, reorder: 0 })
    expect(code).toContain('simulatedNetwork({ seed: 7, loss: 0.3, latencyMs: 80 })')
    expect(code).not.toMatch(/rateLimit|parityRate|segmentSizeBytes|partition/)
  })

  it('names the options that the sliders set', () => {
    const code = codeFor({
      ...DEFAULT_SETTINGS,
      parityRate: 0.2,
      quota: 10,
      segmentSizeBytes: 4_096,
      partition: 'carol',
    })
    expect(code).toContain('rateLimit: { messagesPerEpoch: 10, epochMs: 10_000 },')
    expect(code).toContain('parityRate: 0.2,')
    expect(code).toContain('segmentSizeBytes: 4096,')
    expect(code).toContain("network.partition([['carol']])")
  })
})
