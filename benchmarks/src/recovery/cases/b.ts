import { fileCase } from './file.ts'

/** The same to a group: each lacks other segments. */
export const b = fileCase(
  { id: 'B', title: '3 MB to 4, loss 0.3', seeds: 100 },
  { receivers: 4, loss: 0.3 },
  { received: [undefined, 10], delivered: [undefined, 10], frames: 3.2 },
)
