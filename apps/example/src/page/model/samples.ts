/** What the chart shows over time: columns of the same length, by virtual seconds. */
export interface Samples {
  readonly seconds: number[]
  readonly delivered: number[]
  readonly delayP50: (number | null)[]
  readonly delayP95: (number | null)[]
  readonly waiting: number[]
  /** Of the peer that has least; `null` without a quota. */
  readonly quotaLeft: (number | null)[]
  readonly framesPerMessage: (number | null)[]
}

export function newSamples(): Samples {
  return {
    seconds: [],
    delivered: [],
    delayP50: [],
    delayP95: [],
    waiting: [],
    quotaLeft: [],
    framesPerMessage: [],
  }
}
