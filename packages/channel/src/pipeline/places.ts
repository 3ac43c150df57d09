import { type MonoTypeOperatorFunction, Observable } from 'rxjs'

/** The places between the rate limit and the network: frames without one wait, not yet encoded. */
export interface Places {
  /** Lets a frame through when there is a place for it, in order. */
  take<F>(): MonoTypeOperatorFunction<F>
  /** A frame has given back its place: the network has it, or it goes nowhere. */
  free(): void
}

/**
 * Makes places. A frame is encoded only then: the later that is, the more it can tell, such as under which hashes the
 * network has those before it.
 */
export function createPlaces(most: number): Places {
  const waiting: (() => void)[] = []
  /** Those that went on are cut off in bulk: each for itself would move all that wait. */
  let first = 0
  let taken = 0
  let isBusy = false

  const next = (): (() => void) | undefined => {
    if (taken >= most || first === waiting.length) return undefined
    const go = waiting[first++]
    if (first * 2 < waiting.length) return go
    waiting.splice(0, first)
    first = 0
    return go
  }

  /** A frame that goes on may give back its place at once. */
  const fill = (): void => {
    if (isBusy) return
    isBusy = true
    try {
      for (let go = next(); go !== undefined; go = next()) go()
    } finally {
      isBusy = false
    }
  }

  return {
    take: () => (source) =>
      new Observable((subscriber) =>
        source.subscribe({
          next(frame) {
            waiting.push(() => {
              if (subscriber.closed) return
              taken++
              subscriber.next(frame)
            })
            fill()
          },
          error: (error: unknown) => subscriber.error(error),
          complete() {
            waiting.push(() => subscriber.complete())
            fill()
          },
        }),
      ),
    free() {
      taken--
      fill()
    },
  }
}
