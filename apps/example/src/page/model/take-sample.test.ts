import { describe, expect, it } from 'vitest'
import { Model } from './model.ts'
import { newSamples } from './samples.ts'
import { percentile, takeSample } from './take-sample.ts'

describe('samples', () => {
  it('are taken every half a second of virtual time, and no more often', () => {
    const samples = newSamples()
    for (let ms = 0; ms < 2_000; ms += 100) takeSample(samples, new Model(), ms)
    expect(samples.seconds).toEqual([0, 0.5, 1, 1.5])
    expect(samples.delayP50).toEqual([null, null, null, null])
  })

  it('know percentiles by the nearest rank', () => {
    const sorted = Array.from({ length: 20 }, (_, i) => i + 1)
    expect([percentile(sorted, 0.5), percentile(sorted, 0.95), percentile([], 0.5)]).toEqual([10, 19, null])
  })
})
