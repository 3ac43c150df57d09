import { transferCase } from './file.ts'

/** The same as `pnpm demo` with a file of 5 MB, as its options come, but in virtual time. */
export const demo = transferCase(
  { id: 'DEMO', title: '5 MB to 2, loss 0.3, latency 20 ms', seeds: 20 },
  { bytes: 5_000_000, segments: 49, receivers: 2, loss: 0.3, network: { latencyMs: 20, jitterMs: 0 } },
  { received: [undefined, 10], delivered: [undefined, 10] },
)
