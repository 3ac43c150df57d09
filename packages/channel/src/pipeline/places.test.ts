import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createPlaces } from './places.ts'

/** Frames that go through two lanes, and what came out. */
function lanes(most: number) {
  const places = createPlaces(most)
  const out: string[] = []
  const lane = (name: string) => {
    const in$ = new Subject<number>()
    const subscription = in$.pipe(places.take()).subscribe({
      next: (frame) => out.push(`${name}${frame}`),
      complete: () => out.push(`${name} ends`),
    })
    return { in$, subscription }
  }
  return { places, out, a: lane('a'), b: lane('b') }
}

describe('places', () => {
  it('are as many as there are, and given to those who wait in the order in which they came', () => {
    const { places, out, a, b } = lanes(2)
    for (const n of [1, 2, 3]) {
      a.in$.next(n)
      b.in$.next(n)
    }
    expect(out).toEqual(['a1', 'b1'])
    places.free()
    places.free()
    expect(out).toEqual(['a1', 'b1', 'a2', 'b2'])
    places.free()
    expect(out).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  it('are taken by no frame of a lane that has ended', () => {
    const { places, out, a, b } = lanes(1)
    a.in$.next(1)
    a.in$.next(2)
    b.in$.next(1)
    a.subscription.unsubscribe()
    places.free()
    expect(out).toEqual(['a1', 'b1'])
  })

  it('let a lane end after its frames', () => {
    const { places, out, a } = lanes(1)
    a.in$.next(1)
    a.in$.next(2)
    a.in$.complete()
    expect(out).toEqual(['a1'])
    places.free()
    places.free()
    expect(out).toEqual(['a1', 'a2', 'a ends'])
  })

  it('may be given back while a frame goes through, of however many', () => {
    const places = createPlaces(1)
    const in$ = new Subject<number>()
    const out: number[] = []
    const held: number[] = []
    in$.pipe(places.take()).subscribe((n) => {
      out.push(n)
      if (n === 0) held.push(n)
      else places.free()
    })
    for (let n = 0; n < 50_000; n++) in$.next(n)
    expect(out).toEqual([0])
    places.free()
    expect(out).toHaveLength(50_000)
    expect(out.at(-1)).toBe(49_999)
  })
})
