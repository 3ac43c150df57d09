import { type Observable, Subject, identity, map, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { Chain } from './chain.ts'

function chains() {
  const died: unknown[] = []
  const out: number[] = []
  return { died, out, chain: new Chain((error) => died.push(error)), take: (n: number) => out.push(n) }
}

describe('a chain', () => {
  it('takes operators as steps, and none for nothing', () => {
    const { chain, out, take } = chains()
    const step = chain.through(
      map((n: number) => n * 2),
      take,
    )
    step(1)
    chain.through(identity<Observable<number>>, take)(5)
    expect(out).toEqual([2, 5])
  })

  it('tells its owner what a step throws, and goes on', () => {
    const { chain, died, out } = chains()
    const step = chain.guarded((n: number) => {
      if (n === 1) throw new Error('one')
      out.push(n)
    })
    step(1)
    step(2)
    expect(died).toEqual([new Error('one')])
    expect(out).toEqual([2])
  })

  it('tells its owner when an operator ends with an error', () => {
    const { chain, died, take } = chains()
    const failing = tap<number>(() => {
      throw new Error('broken')
    })
    chain.through(failing, take)(1)
    expect(died).toEqual([new Error('broken')])
  })

  it('ends all its steps', () => {
    const { chain, out, take } = chains()
    const delayed = new Subject<number>()
    const operator = chain.through(() => delayed, take)
    const guarded = chain.guarded(take)
    const pushed: number[] = []
    let isOpen = true
    const push = chain.into<number>({
      push: (n) => isOpen && pushed.push(n),
      close: () => (isOpen = false),
    })
    chain.close()
    operator(1)
    delayed.next(1)
    guarded(2)
    push(3)
    expect([out, pushed]).toEqual([[], []])
    expect(chain.isClosed).toBe(true)
  })
})
