import { describe, expect, it } from 'vitest'
import { createLookUps } from './look-ups.ts'

const SECOND = 1_000
const MINUTE = 60_000
const named = (...ids: string[]) => ids.map((messageId) => ({ messageId }))

/** Asks each second, as long as `missing` gives something; the seconds at which something was looked up, and since when. */
function ask(
  missing: (second: number) => { messageId: string }[] | undefined,
  delivered: (second: number) => number = () => 0,
): [number, number][] {
  const lookUps = createLookUps()
  const looked: [number, number][] = []
  for (let second = 0; ; second++) {
    const now = 10 * 3600 * SECOND + second * SECOND
    const some = missing(second)
    if (some === undefined) return looked
    const due = lookUps.due(some, now, delivered(second))
    if (due !== undefined) looked.push([second, (now - due.sinceMs) / SECOND - second])
  }
}

// N3
describe('what is missing', () => {
  it('is looked up after two seconds, then less and less often, and further and further back', () => {
    const looked = ask((second) => (second < 400 ? named('a') : undefined))
    expect(looked).toEqual([
      [2, 60],
      [6, 120],
      [14, 240],
      [30, 480],
      [62, 960],
      [122, 1920],
      [182, 3600],
      [242, 3600],
      [302, 3600],
      [362, 3600],
    ])
  })

  it('is not looked up where it comes within two seconds, however much else takes its place', () => {
    const looked = ask(
      (second) => (second < 100 ? named(`m${second}`, `m${second + 1}`) : undefined),
      (second) => second,
    )
    expect(looked).toEqual([])
  })

  it('is looked up where each that comes names another, and so nothing is delivered', () => {
    // F6
    const looked = ask(
      (second) => (second < 20 ? named(`m${second}`) : undefined),
      (second) => (second < 10 ? 0 : 1),
    )
    expect(looked).toEqual([
      [2, 60],
      [6, 120],
      // Something was delivered meanwhile.
      [12, 50],
      [16, 110],
    ])
  })

  it('is looked up for the first time whatever else is looked up in vain', () => {
    const looked = ask((second) => {
      if (second >= 100) return undefined
      return second < 70 ? named('nobody has it') : named('nobody has it', 'a')
    })
    expect(looked).toContainEqual([72, -10])
  })

  it('is looked up by those of its hints that find room', () => {
    const lookUps = createLookUps()
    const missing = Array.from({ length: 500 }, (_, i) => ({
      messageId: `m${i}`,
      ...(i > 0 && { retrievalHint: Uint8Array.of(i >> 8, i & 255) }),
    }))
    lookUps.due(missing, MINUTE, 0)
    const due = lookUps.due(missing, MINUTE + 2 * SECOND, 0)
    expect(due!.sinceMs).toBe(0)
    expect(due!.hints).toHaveLength(200)
    expect(due!.hints[0]).toEqual(Uint8Array.of(0, 1))
  })

  it('is looked up two seconds after the clock was set back', () => {
    const lookUps = createLookUps()
    lookUps.due(named('a'), 60 * MINUTE, 0)
    expect(lookUps.due(named('a'), MINUTE, 0)).toBeUndefined()
    expect(lookUps.due(named('a'), MINUTE + 2 * SECOND, 0)).toEqual({ hints: [], sinceMs: 0 })
  })
})
