import { fileCase } from './file.ts'

/** Today's worst: a file over a network that loses every third frame. */
export const a = fileCase(
  { id: 'A', title: '3 MB to 1, loss 0.3', seeds: 100 },
  { receivers: 1, loss: 0.3 },
  { received: [undefined, 5], delivered: [undefined, 7], frames: 1.9 },
)
