import type { Figure, Run } from '../case.ts'
import { sendings, transferCase } from './file.ts'

const LOSS = 0.3

/** The message must get through once, and so must its acknowledgement. */
const NEEDED = 2

/**
 * The frames that it takes, without the luck of the runs. A run takes the frames that are needed, those that were lost,
 * and the needless ones. Of all that is sent the share `LOSS` is lost (Wald's identity), so that it takes
 * (needed + needless) / (1 - `LOSS`) on average. That is what the mean of ever more runs comes to; but the mean of 200 is
 * off by 0.2 where they have bad luck (in the runs 5001 to 5200 the network loses 35 % of what is sent), this by 0.02.
 */
const frames: Figure = {
  name: 'frames, luck apart',
  unit: '/segment',
  of: (runs) => {
    const needless = (run: Run): number => run['frames']! - run['lost']! - NEEDED
    return (NEEDED + runs.reduce((sum, run) => sum + needless(run), 0) / runs.length) / (1 - LOSS)
  },
  atMost: 3,
  bound: NEEDED * sendings(LOSS),
}

/** One short message and nothing after it: no later one shows that it is missing. */
export const d = transferCase(
  { id: 'D', title: '1 kB to 1, loss 0.3', seeds: 1_000 },
  { bytes: 1_000, segments: 1, receivers: 1, loss: LOSS },
  { received: [undefined, 4], delivered: [2.5, 8], framesBound: NEEDED * sendings(LOSS) },
  [frames],
)
