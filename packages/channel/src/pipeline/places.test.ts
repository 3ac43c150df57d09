import { describe, expect, it } from 'vitest'
import { createPlaces } from './places.ts'

describe('places', () => {
  it('are as many as there are, and given to those who wait in the order in which they came', () => {
    const out: string[] = []
    const places = createPlaces<string>(2, (frame) => out.push(frame))
    for (const frame of ['a1', 'b1', 'a2', 'b2', 'a3', 'b3']) places.enter(frame)
    expect(out).toEqual(['a1', 'b1'])
    places.free()
    places.free()
    expect(out).toEqual(['a1', 'b1', 'a2', 'b2'])
    places.free()
    expect(out).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  it('may be given back while a frame goes through, of however many', () => {
    const out: number[] = []
    const places = createPlaces<number>(1, (n) => {
      out.push(n)
      if (n > 0) places.free()
    })
    for (let n = 0; n < 50_000; n++) places.enter(n)
    expect(out).toEqual([0])
    places.free()
    expect(out).toHaveLength(50_000)
    expect(out.at(-1)).toBe(49_999)
  })
})
