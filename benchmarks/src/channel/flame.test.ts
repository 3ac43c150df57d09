import { expect, it } from 'vitest'
import { flameOf, profiled } from './flame.ts'

const SDS = 'file:///home/x/packages/sds/src/core/stage.ts'
const RXJS = 'file:///home/x/node_modules/.pnpm/rxjs@7.8.2/node_modules/rxjs/dist/cjs/internal/Subject.js'

it('a flame says which share each package has, and the garbage collector, of the time that was not idle', () => {
  const frames = [
    ['handle', SDS],
    ['evaluate', SDS],
    ['next', RXJS],
    ['(garbage collector)', ''],
    ['(idle)', ''],
  ] as const
  const nodes = frames.map(([functionName, url], index) => ({
    id: index + 1,
    callFrame: { functionName, url, lineNumber: index, columnNumber: 0, scriptId: '1' },
  }))
  const profile = { startTime: 0, endTime: 0, nodes }
  const flame = flameOf({
    ...profile,
    samples: [1, 2, 1, 3, 4, 5],
    timeDeltas: [300, 100, 200, 200, 200, 9_000],
  })
  expect(flame.packages).toEqual([
    { name: 'sds', share: 0.6 },
    { name: 'rxjs', share: 0.2 },
    { name: 'garbage collector', share: 0.2 },
  ])
  expect(flame.functions[0]).toEqual({ name: 'handle sds/src/core/stage.ts:1', share: 0.5 })
})

it('a run is profiled, and gives what it gave', async () => {
  const { result, flame } = await profiled(async () => 7)
  expect(result).toBe(7)
  expect(flame.packages.every(({ share }) => share >= 0 && share <= 1)).toBe(true)
})
