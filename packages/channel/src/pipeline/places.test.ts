import { describe, expect, it } from 'vitest'
import { createPlaces } from './places.ts'
import type { Prioritised } from './waiting-line.ts'

interface Named extends Prioritised {
  readonly name: string
}

describe('places', () => {
  it('are as many as there are, and given to those who wait in the order in which they came', () => {
    const out: string[] = []
    const places = createPlaces<Named>(2, ({ name }) => out.push(name))
    for (const name of ['a1', 'b1', 'a2', 'b2', 'a3', 'b3']) places.enter({ name, priority: 'normal' })
    expect(out).toEqual(['a1', 'b1'])
    places.free()
    places.free()
    expect(out).toEqual(['a1', 'b1', 'a2', 'b2'])
    places.free()
    expect(out).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  // F16
  it('are given to the more urgent first', () => {
    const out: string[] = []
    const places = createPlaces<Named>(1, ({ name }) => out.push(name))
    for (let i = 0; i < 3; i++) places.enter({ name: `film${i}`, priority: 'normal' })
    places.enter({ name: 'hi', priority: 'critical' })
    for (let i = 0; i < 3; i++) places.free()
    expect(out).toEqual(['film0', 'hi', 'film1', 'film2'])
  })

  it('may be given back while a frame goes through, of however many', () => {
    const out: number[] = []
    const places = createPlaces<Prioritised & { readonly n: number }>(1, ({ n }) => {
      out.push(n)
      if (n > 0) places.free()
    })
    for (let n = 0; n < 50_000; n++) places.enter({ n, priority: 'normal' })
    expect(out).toEqual([0])
    places.free()
    expect(out).toHaveLength(50_000)
    expect(out.at(-1)).toBe(49_999)
  })
})
