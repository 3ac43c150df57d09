import { fileCase } from './file.ts'

/** The file where little is lost. */
export const c = [
  fileCase(
    { id: 'C', title: '3 MB to 1, loss 0.1', seeds: 20 },
    { receivers: 1, loss: 0.1 },
    { received: [1.5, 3], delivered: [3, 5], frames: 'as before' },
  ),
  fileCase(
    { id: 'C', title: '3 MB to 1, loss 0.01', seeds: 20 },
    { receivers: 1, loss: 0.01 },
    { received: [undefined, 1.5], delivered: [undefined, 3.5], frames: 'as before' },
  ),
]
