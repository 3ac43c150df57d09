import { type Envelope, type TransportEvent, TransportClosedError } from '@reliable-channels/transport'
import { hexOf } from '@reliable-channels/wire'
import { Subject, type Subscription } from 'rxjs'

import type { ResolvedOptions } from '../options.ts'
import { OutgoingAdmission } from './outgoing-admission.ts'
import { type Outgoing, createOutgoing } from './outgoing.ts'

/** Time between two looks whether requests are overdue, ms, at least. */
const LOOK_EVERY_MS = 1000

/** The parts of the sender that the requests need. */
export interface RequestsHost {
  /** Told of each request that ends, before everybody else. */
  readonly ended: (outgoing: Outgoing) => void
  /** Told of each request that has not ended in time; ends it. */
  readonly overdue: (outgoing: Outgoing) => void
}

/** The longest time from the acceptance of a request to its end, ms. */
export function outcomeWithinMs({ giveUpMs, confirm, confirmStoreMs }: ResolvedOptions): number {
  return 2 * giveUpMs + (confirm === 'store' ? confirmStoreMs : 0) + LOOK_EVERY_MS
}

/** The requests that were accepted: each is told to be under way at most once, and ends exactly once. */
export class Requests {
  readonly events$: Subject<TransportEvent> = new Subject()
  readonly #options: ResolvedOptions
  readonly #host: RequestsHost
  readonly #admission: OutgoingAdmission
  /** In the order of acceptance. */
  readonly #open = new Set<Outgoing>()
  #timer: Subscription | undefined
  #closed = false

  constructor(options: ResolvedOptions, host: RequestsHost) {
    this.#options = options
    this.#host = host
    this.#admission = new OutgoingAdmission(options)
  }

  /** Requests not yet ended, those not yet accepted included. */
  get size(): number {
    return this.#admission.size
  }

  /**
   * Accepts a request, at once or when there are fewer, in the order in which they came.
   *
   * @throws {@link SendQueueFullError} when there is no room even to wait
   * @throws {@link TransportClosedError}
   */
  accept(envelope: Envelope, pubsubTopic: string): Outgoing | Promise<Outgoing> {
    const accepted = this.#admission.enter(envelope.payload.length)
    const open = (): Outgoing => this.#accepted(envelope, pubsubTopic)
    return accepted === undefined ? open() : accepted.then(open)
  }

  #accepted(envelope: Envelope, pubsubTopic: string): Outgoing {
    const { length } = envelope.payload
    if (this.#closed) {
      // The transport was closed in the moment in which the request was accepted.
      this.#admission.next()
      this.#admission.left(length)
      throw closedError()
    }
    const requestId = this.#newId()
    const acceptedAtMs = this.#options.scheduler.now()
    const outgoing = createOutgoing(envelope, { requestId, pubsubTopic, acceptedAtMs })
    this.#open.add(outgoing)
    if (this.#open.size === 1) this.#lookLater(outcomeWithinMs(this.#options) - LOOK_EVERY_MS)
    return outgoing
  }

  /** A service node has it. Returns whether it is the first. */
  propagated(outgoing: Outgoing): boolean {
    if (outgoing.propagated) return false
    outgoing.propagated = true
    const { requestId, stamped } = outgoing
    this.#admission.next()
    this.events$.next({ type: 'message-propagated', requestId, hash: stamped!.hash })
    return true
  }

  sent(outgoing: Outgoing): void {
    const { requestId, stamped } = outgoing
    this.#end(outgoing, { type: 'message-sent', requestId, hash: stamped!.hash })
  }

  fail(outgoing: Outgoing, cause: Error): void {
    const { requestId, stamped, mayBeTaken, takenBy, pushing, echoed } = outgoing
    this.#end(outgoing, {
      type: 'message-error',
      requestId,
      ...(stamped !== undefined && { hash: stamped.hash }),
      error: cause.message,
      certain: !mayBeTaken && takenBy.size === 0 && pushing === 0 && !echoed,
      cause,
    })
  }

  failAll(error: Error): void {
    this.#admission.rejectWaiting(error)
    for (const outgoing of [...this.#open]) this.fail(outgoing, error)
  }

  /** Accepts nothing more. */
  close(): void {
    this.#closed = true
  }

  #end(outgoing: Outgoing, event: TransportEvent): void {
    if (outgoing.ended) return
    outgoing.ended = true
    this.#open.delete(outgoing)
    if (this.#open.size === 0) this.#timer?.unsubscribe()
    this.#host.ended(outgoing)
    if (!outgoing.propagated) this.#admission.next()
    this.#admission.left(outgoing.message.payload.length)
    this.events$.next(event)
  }

  #lookLater(afterMs: number): void {
    this.#timer?.unsubscribe()
    this.#timer = this.#options.scheduler.schedule(() => this.#look(), Math.max(afterMs, LOOK_EVERY_MS))
  }

  #look(): void {
    const limitMs = outcomeWithinMs(this.#options) - LOOK_EVERY_MS
    const acceptedBefore = this.#options.scheduler.now() - limitMs
    for (const outgoing of this.#open) {
      if (outgoing.acceptedAtMs > acceptedBefore) {
        this.#lookLater(outgoing.acceptedAtMs - acceptedBefore)
        return
      }
      this.#host.overdue(outgoing)
    }
  }

  #newId(): string {
    const { random } = this.#options
    return hexOf(Uint8Array.from({ length: 10 }, () => Math.floor(random() * 256)))
  }
}

/** The error of a request that was open when the transport was closed. */
export function closedError(): TransportClosedError {
  return new TransportClosedError('the transport was closed before the message was sent')
}
