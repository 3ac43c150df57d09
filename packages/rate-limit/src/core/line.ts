import type { PriorityClass } from './fields.ts'
import { Ring } from './ring.ts'

/** One subscription of a channel's operator: what it sent comes back to it. */
export interface LimiterLane {
  readonly channelId: string
  /** Frames of it that wait. */
  waiting: number
}

/** In which epochs a release counts. */
export interface Charged {
  /** Of the wall clock. */
  readonly epoch: number
  /** Of the provider, if there was one. */
  readonly providedEpoch: number | undefined
}

/** A frame that left the limiter. */
export interface Released<F> extends Charged {
  readonly type: 'released'
  readonly lane: LimiterLane
  readonly frame: F
  readonly wanted: ((now: number) => boolean) | undefined
}

/** A frame in the queue; becomes the output when it leaves. */
export interface Waiting<F> extends Released<F> {
  lane: LimiterLane
  frame: F
  epoch: number
  providedEpoch: number | undefined
  readonly line: Line<F>
  readonly key: string | undefined
  bytes: number
  /** Asked when its turn has come. */
  wanted: ((now: number) => boolean) | undefined
  /** An optional frame that waits longer than this (ms) is dropped. */
  expiresAt: number
  /** No longer waits; its slot in the queue is skipped. */
  gone: boolean
}

/** Tombstones that a queue may hold without being compacted. */
const FEW = 32

/** The waiting frames of one class of one channel, first in, first out. */
export class Line<F> {
  readonly priority: PriorityClass
  /** It has its place in the round of its class. */
  listed = false
  /** Frames that wait. */
  live = 0
  readonly #items = new Ring<Waiting<F>>()

  constructor(priority: PriorityClass) {
    this.priority = priority
  }

  push(item: Waiting<F>): void {
    this.#items.push(item)
    this.live++
  }

  /** The first frame that waits. */
  head(): Waiting<F> | undefined {
    for (;;) {
      const item = this.#items.peek()
      if (item === undefined || !item.gone) return item
      this.#items.shift()
    }
  }

  /** Takes the frame out, wherever it stands. */
  take(item: Waiting<F>): void {
    item.gone = true
    this.live--
    if (this.#items.peek() === item) this.#items.shift()
    else if (this.#items.length > 2 * this.live + FEW) this.#items.retain(({ gone }) => !gone)
  }

  /** The waiting frames, in order. */
  waiting(): Waiting<F>[] {
    const all: Waiting<F>[] = []
    this.#items.forEach((item) => {
      if (!item.gone) all.push(item)
    })
    return all
  }
}
