import type { SdsOptions } from '../src/core.ts'

/** The times and counts of LIP-173, each given: nothing follows the round trips then. */
export const LIP_TIMES = {
  acknowledgementTimeoutMs: 5_000,
  maxRetransmissions: 5,
  ackSyncMinMs: 1_000,
  ackSyncMaxMs: 2_000,
  repair: { tMinMs: 30_000, tMaxMs: 300_000 },
} as const satisfies Partial<SdsOptions>
