import { describe, expect, it } from 'vitest'
import type { LevelOperation } from './level-database.ts'
import { WriteQueue } from './write-queue.ts'

const put = (name: number, length = 1): LevelOperation[] => [
  { type: 'put', key: Uint8Array.of(name), value: new Uint8Array(length) },
]

/** A medium whose writes end by hand, and fail where they hold the key 13. */
function medium() {
  const groups: number[][] = []
  let finish = (): void => undefined
  const queue = new WriteQueue(async (operations) => {
    const names = operations.map(({ key }) => key[0]!)
    groups.push(names)
    await new Promise<void>((resolve) => (finish = resolve))
    if (names.includes(13)) throw new Error('refused')
  })
  const end = async (): Promise<void> => {
    finish()
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
  return { queue, groups, end }
}

describe('writes', () => {
  it('that come while one is under way go into the next, in order, and end together', async () => {
    const { queue, groups, end } = medium()
    const ended: number[] = []
    for (const name of [1, 2, 3, 4]) void queue.write(put(name)).then(() => ended.push(name))
    expect(groups).toEqual([[1]])
    await end()
    expect(ended).toEqual([1])
    void queue.write(put(5)).then(() => ended.push(5))
    expect(groups).toEqual([[1], [2, 3, 4]])
    await end()
    expect(ended).toEqual([1, 2, 3, 4])
    expect(groups).toEqual([[1], [2, 3, 4], [5]])
    await end()
    await queue.idle()
    expect(ended).toEqual([1, 2, 3, 4, 5])
  })

  it('are joined up to a megabyte, and larger ones stay alone', async () => {
    const { queue, groups, end } = medium()
    const lengths = [1, 600_000, 300_000, 300_000, 2_000_000, 1, 1]
    const all = Promise.all(lengths.map((length, name) => queue.write(put(name, length))))
    for (let i = 0; i < 5; i++) await end()
    await all
    expect(groups).toEqual([[0], [1, 2], [3], [4], [5, 6]])
  })

  it('that fail together are tried one by one, so that one at fault fails alone', async () => {
    const { queue, groups, end } = medium()
    const outcomes: string[] = []
    for (const name of [1, 12, 13, 14]) {
      void queue.write(put(name)).then(
        () => outcomes.push(`${name}`),
        (error: Error) => outcomes.push(`${name} ${error.message}`),
      )
    }
    for (let i = 0; i < 5; i++) await end()
    expect(groups).toEqual([[1], [12, 13, 14], [12], [13], [14]])
    expect(outcomes).toEqual(['1', '12', '13 refused', '14'])
    await queue.idle()
  })
})
