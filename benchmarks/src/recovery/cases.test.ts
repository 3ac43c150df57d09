import { describe, expect, it } from 'vitest'
import { d } from './cases/d.ts'
import { traceLine } from './trace.ts'

describe('a run of a case', () => {
  it('measures the same each time, and something else with another seed', async () => {
    const first = await d.run(3)
    expect(await d.run(3)).toEqual(first)
    expect(await d.run(4)).not.toEqual(first)
  })

  it('tells every frame and what became of it', async () => {
    const lines: string[] = []
    const run = await d.run(3, (traced) => lines.push(traceLine(traced)))
    expect(run).toEqual(await d.run(3))
    expect(lines[0]).toMatch(/^ +0\.000 {2}alice +content #1 +\(\d+ B\) {2}LOST to member-0$/)
    expect(lines.filter((line) => line.includes(' B)'))).toHaveLength(run['frames']!)
    expect(lines.at(-1)).toContain('= delivered to member-0')
  })
})

describe('the frames of D', () => {
  const luckApart = d.figures.find(({ name }) => name === 'frames, luck apart')!

  it('are as few as can be where none was needless, however many were lost', () => {
    for (const lost of [0, 1, 8])
      expect(luckApart.of([{ frames: 2 + lost, lost }])).toBeCloseTo(luckApart.bound!)
  })

  it('count those that were needless, and of these too that some are lost', () => {
    const runs = [
      { frames: 3, lost: 0 },
      { frames: 5, lost: 3 },
    ]
    expect(luckApart.of(runs)).toBeCloseTo(2.5 / 0.7)
  })
})
