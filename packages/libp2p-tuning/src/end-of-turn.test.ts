import { describe, expect, it } from 'vitest'

import { createMessageTurns, endOfTurn } from './end-of-turn.ts'

describe.each([
  ['in Node', endOfTurn],
  ['in a browser', createMessageTurns()],
])('the end of a turn %s', (_, turn) => {
  it('comes after all that was due within it, in the order in which it was asked for', async () => {
    const seen: string[] = []
    const ends = [1, 2].map((one) => turn().then(() => seen.push(`turn ${one}`)))
    void Promise.resolve().then(() => seen.push('microtask'))
    process.nextTick(() => seen.push('tick'))
    await Promise.all(ends)
    expect(seen.slice(0, 2).toSorted()).toEqual(['microtask', 'tick'])
    expect(seen.slice(2)).toEqual(['turn 1', 'turn 2'])
  })
})
