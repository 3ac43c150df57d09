import { MAX_SEGMENTS } from './dialect.ts'
import type { PlaceLimits } from './places.ts'
import type { ReassemblyLimits } from './reassembly-limits.ts'

/** Room for incomplete messages, by their whole length: as much as a history can hold, or else the pool. */
export function placeLimits(limits: ReassemblyLimits): PlaceLimits {
  const { maxBufferedBytes, maxBufferedBytesPerSender, maxRecalledBytes, timeoutMs } = limits
  const { maxShelvedSegments, maxSets, maxSetsPerSender } = limits
  const isRecalled = maxShelvedSegments > 0 && maxRecalledBytes > maxBufferedBytes
  const share = (most: number): number => Math.floor((most * 7) / 8)
  const ids = maxShelvedSegments
  const [segments, segmentsOfSender] =
    ids > 0 ? [ids, share(ids)] : [maxSets * MAX_SEGMENTS, maxSetsPerSender * MAX_SEGMENTS]
  return {
    ofAll: { bytes: isRecalled ? maxRecalledBytes : maxBufferedBytes, segments },
    ofSender: {
      bytes: isRecalled ? share(maxRecalledBytes) : maxBufferedBytesPerSender,
      segments: segmentsOfSender,
    },
    ofMessage: { bytes: isRecalled ? maxRecalledBytes : maxBufferedBytesPerSender, segments },
    mostMs: timeoutMs,
  }
}
