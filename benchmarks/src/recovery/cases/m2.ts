import { transferCase } from './file.ts'

/** A large file to two: what one lacks the other has. */
export const m2 = transferCase(
  { id: 'M2', title: '8 MB to 2, loss 0.02', seeds: 10 },
  { bytes: 8_000_000, segments: 79, receivers: 2, loss: 0.02 },
  { received: [undefined, 3] },
)
