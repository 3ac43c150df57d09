import { p95 } from '../figures.ts'
import { fileCase } from './file.ts'

/** The file with parity: what is rebuilt must be acknowledged like what came. */
export const e = fileCase(
  { id: 'E', title: '3 MB to 1, loss 0.3, parity 0.5', seeds: 20 },
  { receivers: 1, loss: 0.3, member: { parityRate: 0.5 } },
  // All parity is sent, wanted or not.
  { framesBound: 1.5 },
  [p95('after', 's', { atMost: 2.5 })],
)
