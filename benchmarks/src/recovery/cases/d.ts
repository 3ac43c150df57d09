import { sendings, transferCase } from './file.ts'

const LOSS = 0.3

/**
 * One short message and nothing after it: no later one shows that it is missing. Its frames spread so much, from 2 to 15,
 * that the mean of a hundred runs may be 0.3 off.
 */
export const d = transferCase(
  { id: 'D', title: '1 kB to 1, loss 0.3', seeds: 1_000 },
  { bytes: 1_000, segments: 1, receivers: 1, loss: LOSS },
  // It must get through once, and so must its acknowledgement.
  { received: [undefined, 4], delivered: [2.5, 8], frames: 3, framesBound: 2 * sendings(LOSS) },
)
