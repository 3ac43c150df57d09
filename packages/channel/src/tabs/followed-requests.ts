import type { SchedulerLike } from 'rxjs'
import type { SendHandle } from '../sending/send-handle.ts'
import type { FromLeader, RequestNews } from './messages.ts'
import { packError } from './tab-errors.ts'

/** A request that tabs are told of. */
interface FollowedRequest {
  readonly handle: SendHandle
  readonly ephemeral: boolean
  accepted: boolean
  ended: boolean
  error: unknown
}

/** What becomes of requests, for tabs that are told of it. */
export class FollowedRequests {
  readonly #scheduler: SchedulerLike
  readonly #post: (message: FromLeader) => void
  readonly #requests = new Map<string, FollowedRequest>()
  readonly #changed = new Set<string>()

  constructor(scheduler: SchedulerLike, post: (message: FromLeader) => void) {
    this.#scheduler = scheduler
    this.#post = post
  }

  cancel(requestId: string): 'cancelled' | 'too-late' {
    return this.#requests.get(requestId)?.handle.cancel() ?? 'too-late'
  }

  /** Returns whether it was not followed yet. */
  follow(handle: SendHandle, ephemeral: boolean): boolean {
    const { requestId } = handle
    if (this.#requests.has(requestId)) {
      this.#isNews(requestId)
      return false
    }
    const followed: FollowedRequest = { handle, ephemeral, accepted: false, ended: false, error: undefined }
    this.#requests.set(requestId, followed)
    const news = (change: Partial<FollowedRequest>): void => {
      Object.assign(followed, change)
      this.#isNews(requestId)
    }
    handle.status$.subscribe({
      next: () => news({}),
      complete: () => news({ ended: true }),
    })
    handle.wrapped().then(
      () => news({}),
      (error: unknown) => news({ error }),
    )
    handle.accepted().then(
      () => news({ accepted: true }),
      () => {},
    )
    return true
  }

  /** Tells how all of them stand. */
  tellAll(): void {
    this.#tellOf([...this.#requests.keys()])
  }

  /** What happens to requests in one turn is told at once. */
  #isNews(requestId: string): void {
    const isFirst = this.#changed.size === 0
    this.#changed.add(requestId)
    if (!isFirst) return
    this.#scheduler.schedule(() => {
      const changed = [...this.#changed]
      this.#changed.clear()
      this.#tellOf(changed)
    })
  }

  #tellOf(requestIds: readonly string[]): void {
    const news = requestIds.flatMap((requestId): RequestNews[] => {
      const followed = this.#requests.get(requestId)
      if (followed === undefined) return []
      const { handle, ephemeral, accepted, ended, error } = followed
      const { status, messageId } = handle
      if (ended) this.#requests.delete(requestId)
      const packed = error === undefined ? error : packError(error)
      return [{ requestId, ephemeral, status, accepted, messageId, ended, error: packed }]
    })
    if (news.length > 0) this.#post({ type: 'requests', news })
  }
}
