import { REASSEMBLER_NAMES } from './option-names.ts'
import { check, checkDialect } from './plan.ts'
import type { ReassemblyStageOptions } from './reassembly-options.ts'
import type { PoolLimits } from './set-pool.ts'

/** The limits with their defaults. */
export type ReassemblyLimits = PoolLimits &
  Readonly<
    Required<
      Pick<
        ReassemblyStageOptions,
        | 'maxSegmentBytes'
        | 'timeoutMs'
        | 'maxCompleted'
        | 'causalHistoryLength'
        | 'maxShelvedSegments'
        | 'maxRecalledBytes'
      >
    >
  >

/**
 * Checks the limits.
 *
 * @throws {@link SegmentationOptionError}
 */
export function reassemblyLimits(options: ReassemblyStageOptions): ReassemblyLimits {
  check.object('options', options)
  check.names(options, REASSEMBLER_NAMES)
  const limits = {
    maxSegmentBytes: options.maxSegmentBytes ?? 153_600,
    timeoutMs: options.timeoutMs ?? 300_000,
    maxSets: options.maxSets ?? 100,
    maxBufferedBytes: options.maxBufferedBytes ?? 32 * 2 ** 20,
    maxSetsPerSender: options.maxSetsPerSender ?? 50,
    maxBufferedBytesPerSender: options.maxBufferedBytesPerSender ?? 28 * 2 ** 20,
    maxCompleted: options.maxCompleted ?? 1_000,
    causalHistoryLength: options.causalHistoryLength ?? 2,
    maxShelvedSegments: options.maxShelvedSegments ?? 16_384,
    maxRecalledBytes: options.maxRecalledBytes ?? options.maxBufferedBytes ?? 32 * 2 ** 20,
  }
  for (const [name, value] of Object.entries(limits)) {
    check.number(name, value, name === 'maxCompleted' || name === 'maxShelvedSegments' ? 0 : 1)
  }
  checkDialect(options.dialect ?? 'current')
  check.number('writer', options.writer ?? 0, 0, 1)
  check.callback('hasher', options.hasher)
  check.iterable('restore', options.restore ?? [])
  check.callback('onCorrupt', options.onCorrupt)
  check.callback('isAwaited', options.isAwaited)
  return limits
}
