/** The places between the rate limit and the network: frames without one wait, not yet encoded. */
export interface Places<F> {
  /** Lets a frame go on when there is a place for it, in order. */
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
export function createPlaces<F>(most: number, go: (frame: F) => void): Places<F> {
  const waiting: F[] = []
  /** Those that went on are cut off in bulk: each for itself would move all that wait. */
  let first = 0
  let taken = 0
  let isBusy = false

  const next = (): F => {
    const frame = waiting[first++]!
    if (first * 2 < waiting.length) return frame
    waiting.splice(0, first)
    first = 0
    return frame
  }

  /** A frame that goes on may give back its place at once. */
  const fill = (): void => {
    if (isBusy) return
    isBusy = true
    try {
      while (taken < most && first < waiting.length) {
        taken++
        go(next())
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
