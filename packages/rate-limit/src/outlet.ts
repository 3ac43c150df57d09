import type { Observer } from 'rxjs'
import type { Charged, LimiterLane, Released } from './core/line.ts'
import { Ring } from './core/ring.ts'

/** Questions and reports of an {@link Outlet}. */
export interface OutletOptions {
  /** Whether what was released counts in the epoch that runs. */
  isCurrent: (released: Charged) => boolean
  /** A frame came out too late for the epoch in which it counts: asks for room in the present one. */
  late: () => void
  /** A late frame is not wanted any more. */
  withdrawn: (lane: LimiterLane, frame: unknown) => void
  now: () => number
}

/**
 * Hands released frames to the lanes they came from, once their quota is stored.
 *
 * Storing may take until after the end of the epoch. Then the release no longer counts, and the frame waits for room in
 * the epoch that runs by then. Which room is used for which frame does not matter: they leave in the order in which they
 * were released.
 */
export class Outlet {
  readonly #sinks = new Map<LimiterLane, Observer<unknown>>()
  /** Frames for which there is no room yet. */
  readonly #held = new Ring<Released<unknown>>()
  /** Lanes that complete with their last held frame. */
  readonly #ending = new Set<LimiterLane>()
  readonly #options: OutletOptions

  constructor(options: OutletOptions) {
    this.#options = options
  }

  open(lane: LimiterLane, sink: Observer<unknown>): void {
    this.#sinks.set(lane, sink)
  }

  /** The lane's subscriber has left. */
  close(lane: LimiterLane): void {
    this.#sinks.delete(lane)
    this.#ending.delete(lane)
    if (this.#held.length > 0) this.#held.retain((released) => released.lane !== lane)
  }

  released(released: Released<unknown>): void {
    const isCurrent = this.#options.isCurrent(released)
    if (isCurrent && this.#held.length === 0) {
      this.#sinks.get(released.lane)?.next(released.frame)
      return
    }
    this.#held.push(released)
    if (isCurrent) this.#letOut()
    else this.#options.late()
  }

  /** Room for a frame that was late. */
  room(charged: Charged): void {
    if (this.#held.length === 0) return
    if (this.#options.isCurrent(charged)) this.#letOut()
    else this.#options.late()
  }

  /** The lane has ended, and the limiter has nothing of it any more. */
  drained(lane: LimiterLane): void {
    let isHeld = false
    this.#held.forEach((released) => (isHeld ||= released.lane === lane))
    if (isHeld) this.#ending.add(lane)
    else this.#sinks.get(lane)?.complete()
  }

  /** Takes out the held frames of a channel for which the predicate holds; returns how many. */
  remove(channelId: string, predicate: (frame: unknown) => boolean): number {
    const before = this.#held.length
    if (before === 0) return 0
    this.#held.retain(({ lane, frame }) => lane.channelId !== channelId || !predicate(frame))
    this.#endLanes()
    return before - this.#held.length
  }

  error(error: unknown): void {
    for (const sink of this.#sinks.values()) sink.error(error)
  }

  complete(): void {
    for (const sink of this.#sinks.values()) sink.complete()
  }

  /** Lets out the first held frame that is still wanted. */
  #letOut(): void {
    for (let first = this.#held.shift(); first !== undefined; first = this.#held.shift()) {
      const { lane, frame, wanted } = first
      if (wanted === undefined || wanted(this.#options.now())) {
        this.#sinks.get(lane)?.next(frame)
        break
      }
      this.#options.withdrawn(lane, frame)
    }
    this.#endLanes()
  }

  #endLanes(): void {
    const ending = [...this.#ending]
    this.#ending.clear()
    for (const lane of ending) this.drained(lane)
  }
}
