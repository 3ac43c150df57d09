import type { MessageKind } from '../wire/message.ts'

/** From the first step to the last word. */
export class Lifetime {
  #now = -Infinity
  #hasBegun = false
  #hasEnded = false
  #isNewcomer = true
  /** When this process began, and when the participant joined. */
  #begunAt = 0
  #joinedAt: number | undefined
  /** How far its clock is ahead of those that were heard, at most, ms. */
  #aheadMs = 0
  /** The least that any message was old when it came, ms: its clock is not ahead of its author's by more. */
  #soonestMs = Infinity
  /** Whether an author was heard: those who repair give what was said long ago. */
  #hasHeardAuthor = false
  /** How long earlier processes of the participant ran, ms. */
  #livedBefore = 0

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

  /** Whether it is known that this participant has no past: nothing was restored, or an earlier process joined so. */
  get isNewcomer(): boolean {
    return this.#isNewcomer || this.#joinedAt !== undefined
  }

  /** Whether it joined with this process. */
  get hasJoinedNow(): boolean {
    return this.#isNewcomer && this.#joinedAt === undefined
  }

  /** When its time began, by the clock of whoever was heard that is furthest behind. */
  get joinedAt(): number {
    const soonestMs = this.#hasHeardAuthor ? this.#soonestMs : 0
    return (this.#joinedAt ?? this.#begunAt) - Math.max(0, this.#aheadMs, soonestMs)
  }

  /** How long ago it joined, ms, by its own clock. */
  sinceJoining(now: number): number {
    return now - (this.#joinedAt ?? this.#begunAt)
  }

  /**
   * Somebody speaks, by whose clock it is `stamp`: that of this participant may have been ahead when it joined.
   *
   * @param by What its author says: a `sync` message is said now, and content that is sent again bears the time of the first.
   * @param mostMs No clock is ahead by more and still heard; who says so has none, or lies, and would have it want all the past.
   */
  hear(stamp: number, by: MessageKind | undefined, now: number, mostMs: number): void {
    const ms = Math.min(now - stamp, mostMs)
    if (by === 'sync') this.#aheadMs = Math.max(this.#aheadMs, ms)
    this.#hasHeardAuthor ||= by !== undefined
    this.#soonestMs = Math.min(this.#soonestMs, ms)
  }

  /** How long the participant has run, all its processes together, ms. */
  get lived(): number {
    return this.#livedBefore + (this.#hasBegun ? this.#now - this.#begunAt : 0)
  }

  /** How long ago a time of its life is, ms; 0 where it is not known. */
  since(lived: number | undefined): number {
    return lived === undefined ? 0 : Math.max(0, this.lived - lived)
  }

  /** How long this process has run, ms. */
  get age(): number {
    return this.lived - this.#livedBefore
  }

  /** It had run for so long, at least. */
  restoreLived(ms: number): void {
    this.#livedBefore = Math.max(this.#livedBefore, ms)
  }

  /** An earlier process joined then, with nothing before. */
  restoreJoined(at: number): void {
    this.#joinedAt = at
  }

  /** Something was restored. */
  goOn(): void {
    this.#isNewcomer = false
  }

  /**
   * Returns whether it is the first time.
   *
   * @param mostMs No clock is ahead by more and still heard.
   */
  begin(now: number, mostMs: number): boolean {
    if (this.#hasBegun) return false
    this.#hasBegun = true
    this.#begunAt = now
    // The clock was ahead then, and is not any more: when that was nobody knows, but it was before this process.
    if (this.#joinedAt !== undefined && this.#joinedAt > now) this.#joinedAt = now - mostMs
    return true
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#begunAt += ms
    if (this.#joinedAt !== undefined) this.#joinedAt += ms
    this.#aheadMs += ms
    this.#soonestMs += ms
  }

  /** Returns whether it is the first time. */
  end(): boolean {
    if (this.#hasEnded) return false
    this.#hasEnded = true
    return true
  }
}
