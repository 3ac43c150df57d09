/** From the first step to the last word. */
export class Lifetime {
  #now = -Infinity
  #hasBegun = false
  #hasEnded = false

  /** The time of the last step. */
  get now(): number {
    return this.#now
  }

  /** Whether there are timers. */
  get isActive(): boolean {
    return this.#hasBegun && !this.#hasEnded
  }

  /** A step begins. Returns by how much the clock was set back since the last one, ms. */
  step(now: number): number {
    const ms = Math.max(0, this.#now - now)
    this.#now = now
    return ms
  }

  /** Returns whether it is the first time. */
  begin(): boolean {
    if (this.#hasBegun) return false
    this.#hasBegun = true
    return true
  }

  /** Returns whether it is the first time. */
  end(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    return true
  }
}
