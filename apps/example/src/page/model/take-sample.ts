import { PEERS } from '../world/settings.ts'
import type { Model } from './model.ts'
import type { Samples } from './samples.ts'

/** Virtual time from one sample to the next, ms. */
const SAMPLE_MS = 500
/** Samples that are kept: ten minutes. @limit The oldest is forgotten. */
const MAX_SAMPLES = 1_200

/** Takes a sample if one is due. */
export function takeSample(samples: Samples, { totals, delaysMs, peers }: Model, elapsedMs: number): void {
  const lastMs = (samples.seconds.at(-1) ?? -1) * 1_000
  if (elapsedMs - lastMs < SAMPLE_MS) return
  const recent = delaysMs.slice(-50).toSorted((a, b) => a - b)
  const quotas = PEERS.map((peer) => peers[peer].quota)
  const left = Math.min(...quotas.map((quota) => quota?.left ?? Infinity))
  samples.seconds.push(elapsedMs / 1_000)
  samples.delivered.push(totals.heard)
  samples.delayP50.push(percentile(recent, 0.5))
  samples.delayP95.push(percentile(recent, 0.95))
  samples.waiting.push(
    quotas.reduce((sum, quota) => {
      const { critical = 0, normal = 0, optional = 0 } = quota?.waiting ?? {}
      return sum + critical + normal + optional
    }, 0),
  )
  samples.quotaLeft.push(Number.isFinite(left) ? left : null)
  samples.framesPerMessage.push(totals.said === 0 ? null : totals.frames / totals.said)
  if (samples.seconds.length > MAX_SAMPLES)
    for (const column of Object.values(samples)) (column as unknown[]).shift()
}

/** A percentile of sorted numbers, by the nearest rank. */
export function percentile(sorted: readonly number[], rank: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * rank) - 1)] ?? null
}
