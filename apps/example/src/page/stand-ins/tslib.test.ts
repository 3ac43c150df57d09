import { describe, expect, it } from 'vitest'
import { __asyncGenerator, __asyncValues, __await, __awaiter } from './tslib.ts'

const failing = async (): Promise<never> => {
  throw new Error('no')
}

describe('the stand-in for tslib', () => {
  it('reads promises one after the other, and hands over what they throw', async () => {
    const sum = await __awaiter(undefined, undefined, Promise, function* () {
      const a = (yield Promise.resolve(2)) as number
      const b = (yield 3) as number
      try {
        yield failing()
      } catch (error) {
        return `${a + b} ${(error as Error).message}`
      }
      return 'nothing was thrown'
    })
    expect(sum).toBe('5 no')
    await expect(
      __awaiter(undefined, undefined, Promise, function* () {
        yield failing()
        return undefined
      }),
    ).rejects.toThrow('no')
  })

  it('yields what is yielded, waits for what is awaited, and ends the body that is left', async () => {
    let ended = 0
    const numbers = (): AsyncGenerator<unknown, unknown> =>
      __asyncGenerator(undefined, undefined, function* () {
        try {
          for (let i = 0; ; i++) {
            const value = yield __await(Promise.resolve(i))
            if (i === 3) return yield __await(undefined)
            yield value
          }
        } finally {
          ended++
        }
      })
    const all: unknown[] = []
    for await (const value of numbers()) all.push(value)
    expect(all).toEqual([0, 1, 2])
    for await (const value of {
      [Symbol.asyncIterator]: () => __asyncValues(numbers()),
    })
      if (value === 1) break
    expect(ended).toBe(2)
  })
})
