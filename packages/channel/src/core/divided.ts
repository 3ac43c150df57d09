import { SparseMap } from '@reliable-channels/stage/core'
import type { Request } from './request.ts'

/** So long, ms, nobody is waited for who may have all of a message, once each part of it is acknowledged: as long as for what is missing. */
const WAIT_MS = 900_000
/** Who is so late, ms, was asleep, and has heard nobody meanwhile. */
const ASLEEP_MS = 60_000

/**
 * Messages of which each part is acknowledged, and all of it by nobody. SDS has nothing to send any more, and who has the rest
 * is told only by what is said: that may be nobody, for ever.
 */
export class DividedRequests {
  /** Since when nothing new is known of each, the oldest first. */
  readonly #since = new SparseMap<Request, number>()

  /** Something has become of a request. */
  note(request: Request | undefined, now: number): void {
    if (request === undefined || request.dataCount === 1) return
    this.#since.delete(request)
    if (request.delivery === 'open' && request.acknowledged === request.dataCount)
      this.#since.set(request, now)
  }

  deadline(): number | undefined {
    if (this.#since.size > 0) for (const since of this.#since.values()) return since + WAIT_MS
    return undefined
  }

  /** Those that nobody is waited for any more. */
  due(now: number): Request[] {
    const due: Request[] = []
    for (const [request, since] of [...this.#since]) {
      const lateMs = now - since - WAIT_MS
      if (lateMs < 0) break
      this.#since.delete(request)
      if (lateMs < ASLEEP_MS) due.push(request)
      else this.note(request, now)
    }
    return due
  }
}
