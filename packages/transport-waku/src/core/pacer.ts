/** How fast each peer may be asked. */
export interface Pace {
  /** Requests a second, above 0; `Infinity` for no limit. */
  readonly perSecond: number
  /** Requests that may go at once after a pause, from 1. */
  readonly burst: number
  /** Requests to one peer under way. @default Infinity */
  readonly maxInFlight?: number
}

interface Account {
  tokens: number
  /** When `tokens` was counted, ms. */
  atMs: number
  /** Left alone until then, ms. */
  restUntilMs: number
  failures: number
  inFlight: number
}

const FIRST_REST_MS = 1000
/** Longest rest of a service node that failed, ms; it doubles with each failure. @limit It is asked again. */
const MAX_REST_MS = 30_000
/** Service nodes whose pace is remembered. @limit Those that are not asked any more are forgotten. */
const MAX_ACCOUNTS = 256

/** Keeps the requests to each peer below its limit, and leaves peers alone that fail. One bucket of tokens a peer. */
export class Pacer {
  readonly #pace: Pace
  readonly #accounts = new Map<string, Account>()

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /**
   * When the peer may be asked next, ms; not after `now` when it may be asked now, and `Infinity` when it is
   * {@link Pacer.isBusy}.
   */
  readyAt(peer: string, now: number): number {
    const account = this.#accounts.get(peer)
    if (account === undefined) return now
    if (this.isBusy(peer)) return Infinity
    this.#refill(account, now)
    const missing = 1 - account.tokens
    const tokenAt = missing <= 0 ? now : now + Math.ceil((missing * 1000) / this.#pace.perSecond)
    return Math.max(tokenAt, account.restUntilMs)
  }

  /** Whether the peer is asked nothing more before it has answered: one that failed lately is tried with one request. */
  isBusy(peer: string): boolean {
    const { failures = 0, inFlight = 0 } = this.#accounts.get(peer) ?? {}
    return inFlight >= (failures > 0 ? 1 : (this.#pace.maxInFlight ?? Infinity))
  }

  /** The peer that is to be asked now, if one may be: the least busy, then the one with most to spend. */
  choose(peers: readonly string[], now: number): string | undefined {
    let best: string | undefined
    for (const peer of peers) {
      if (this.readyAt(peer, now) > now) continue
      if (best === undefined || this.#isBetter(peer, best)) best = peer
    }
    return best
  }

  /** Books a request to a peer. */
  begin(peer: string, now: number): void {
    const account = this.#account(peer, now)
    this.#refill(account, now)
    account.tokens -= 1
    account.inFlight++
  }

  /** The peer answered, or the request is over without being the peer's failure. */
  end(peer: string, outcome: 'answered' | 'abandoned'): void {
    const account = this.#accounts.get(peer)
    if (account === undefined) return
    account.inFlight--
    if (outcome === 'answered') account.failures = 0
  }

  /**
   * The peer did not answer, or could not: it rests, longer each time in a row, and what it was asked may yet reach it, as
   * one request more. Returns for how long, ms.
   */
  fail(peer: string, now: number): number {
    const account = this.#account(peer, now)
    account.inFlight = Math.max(account.inFlight - 1, 0)
    account.tokens = Math.max(Math.min(account.tokens, 0) - 1, -this.#pace.burst)
    // Requests that were under way together fail together: they count once.
    if (account.restUntilMs > now) return account.restUntilMs - now
    const restMs = Math.min(FIRST_REST_MS * 2 ** account.failures, MAX_REST_MS)
    account.failures = Math.min(account.failures + 1, 16)
    account.restUntilMs = now + restMs
    account.atMs = Math.max(account.atMs, account.restUntilMs)
    return restMs
  }

  /** The peer said that it is asked too often: nothing more for so long. */
  pause(peer: string, now: number, pauseMs: number): void {
    const account = this.#account(peer, now)
    account.inFlight = Math.max(account.inFlight - 1, 0)
    account.restUntilMs = Math.max(account.restUntilMs, now + pauseMs)
    account.tokens = Math.min(account.tokens, 0)
    account.atMs = Math.max(account.atMs, now + pauseMs)
  }

  #isBetter(peer: string, than: string): boolean {
    const a = this.#accounts.get(peer)
    const b = this.#accounts.get(than)
    const busy = (a?.inFlight ?? 0) - (b?.inFlight ?? 0)
    return busy < 0 || (busy === 0 && (a?.tokens ?? Infinity) > (b?.tokens ?? Infinity))
  }

  #account(peer: string, now: number): Account {
    let account = this.#accounts.get(peer)
    if (account === undefined) {
      account = { tokens: this.#pace.burst, atMs: now, restUntilMs: 0, failures: 0, inFlight: 0 }
      if (this.#accounts.size >= MAX_ACCOUNTS) this.#forgetIdle()
      this.#accounts.set(peer, account)
    }
    return account
  }

  #refill(account: Account, now: number): void {
    if (this.#pace.perSecond === Infinity) {
      account.tokens = this.#pace.burst
      return
    }
    // A clock that was set back stops nothing for longer than it takes to fill the bucket.
    if (now < account.atMs && account.restUntilMs <= now) account.atMs = now
    const gained = (Math.max(now - account.atMs, 0) * this.#pace.perSecond) / 1000
    account.tokens = Math.min(this.#pace.burst, account.tokens + gained)
    account.atMs = Math.max(account.atMs, now)
  }

  #forgetIdle(): void {
    for (const [peer, { inFlight }] of this.#accounts) {
      if (inFlight > 0) continue
      this.#accounts.delete(peer)
      return
    }
  }
}
