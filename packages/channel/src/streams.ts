import { type Observable, Subject } from 'rxjs'
import type { ChannelEvent, ChannelMessageReceivedEvent } from './events.ts'

/**
 * A subject that ends only after the emission in which it was told to: a handler that closes a channel takes nothing from
 * those that are called after it. Streams of one {@link Emission} wait for each other.
 */
export class Broadcast<T> {
  readonly #subject = new Subject<T>()
  readonly #emission: Emission
  readonly values$: Observable<T> = this.#subject.asObservable()

  constructor(emission: Emission) {
    this.#emission = emission
  }

  /** Whether anybody listens. */
  get isHeard(): boolean {
    return this.#subject.observed
  }

  next(value: T): void {
    if (this.isHeard) this.#emission.run(() => this.#subject.next(value))
  }

  complete(): void {
    this.#emission.after(() => this.#subject.complete())
  }

  error(error: unknown): void {
    this.#emission.after(() => this.#subject.error(error))
  }
}

/** Whether something is being emitted, and what waits until that is over. */
export class Emission {
  #depth = 0
  #waiting: (() => void)[] = []

  /** Runs what emits; an emission inside an emission belongs to the outer one. */
  run(emit: () => void): void {
    this.#depth++
    try {
      emit()
    } finally {
      this.#depth--
      if (this.#depth === 0 && this.#waiting.length > 0) for (const end of this.#waiting.splice(0)) end()
    }
  }

  /** Calls back when nothing is being emitted: now, if that is so. */
  after(end: () => void): void {
    if (this.#depth === 0) end()
    else this.#waiting.push(end)
  }
}

/** Everything that a channel, or all channels of a manager, tell; and the received messages alone. */
export class EventStreams {
  readonly #emission = new Emission()
  readonly #events = new Broadcast<ChannelEvent>(this.#emission)
  readonly #received = new Broadcast<ChannelMessageReceivedEvent>(this.#emission)
  readonly events$: Observable<ChannelEvent> = this.#events.values$
  readonly received$: Observable<ChannelMessageReceivedEvent> = this.#received.values$

  emit(event: ChannelEvent): void {
    if (event.type !== 'reliable:message:received' || !this.#received.isHeard) return this.#events.next(event)
    this.#emission.run(() => {
      this.#received.next(event)
      this.#events.next(event)
    })
  }

  complete(): void {
    this.#received.complete()
    this.#events.complete()
  }

  error(error: unknown): void {
    this.#received.error(error)
    this.#events.error(error)
  }
}
