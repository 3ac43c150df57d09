import { type Prioritised, WaitingLine } from './waiting-line.ts'

/** The places between the rate limit and the network: frames without one wait, not yet encoded. */
export interface Places<F> {
  /** Lets a frame go on when there is a place for it: the more urgent first, and otherwise in order. */
  enter(frame: F): void
  /** A frame has given back its place: the network has it, or it goes nowhere. */
  free(): void
}

/**
 * Makes places. A frame is encoded only then: the later that is, the more it can tell, such as under which hashes the
 * network has those before it.
 *
 * @param go Takes a frame that has a place.
 */
export function createPlaces<F extends Prioritised>(most: number, go: (frame: F) => void): Places<F> {
  const waiting = new WaitingLine<F>()
  let taken = 0
  let isBusy = false

  /** A frame that goes on may give back its place at once. */
  const fill = (): void => {
    if (isBusy) return
    isBusy = true
    try {
      while (taken < most && waiting.size > 0) {
        taken++
        go(waiting.shift()!)
      }
    } finally {
      isBusy = false
    }
  }

  return {
    enter(frame) {
      waiting.push(frame)
      fill()
    },
    free() {
      taken--
      fill()
    },
  }
}
