/** From the first step to the last word. */
export class Lifetime {
  #now = -Infinity
  #hasBegun = false
  #hasEnded = false
  #isNewcomer = true
  #joinedAt = 0

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

  /** Whether nothing was restored: this participant has no past. */
  get isNewcomer(): boolean {
    return this.#isNewcomer
  }

  /** When its time began. */
  get joinedAt(): number {
    return this.#joinedAt
  }

  /** Something was restored. */
  goOn(): void {
    this.#isNewcomer = false
  }

  /** Returns whether it is the first time. */
  begin(now: number): boolean {
    if (this.#hasBegun) return false
    this.#hasBegun = true
    this.#joinedAt = now
    return true
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#joinedAt += ms
  }

  /** Returns whether it is the first time. */
  end(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    return true
  }
}
