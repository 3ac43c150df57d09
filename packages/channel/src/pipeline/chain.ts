import type { Port } from '@reliable-channels/stage'
import { type OperatorFunction, Subject, Subscription, type TeardownLogic, identity } from 'rxjs'

/**
 * Steps that are joined by plain calls, which end together. What one of them throws is a bug: the owner is told, and
 * whoever called goes on.
 */
export class Chain {
  /** Tells the owner of an error. */
  readonly died: (error: unknown) => void
  readonly #owned = new Subscription()

  constructor(died: (error: unknown) => void) {
    this.died = died
  }

  get isClosed(): boolean {
    return this.#owned.closed
  }

  /** Ends it with the chain. */
  own(teardown: Exclude<TeardownLogic, void>): void {
    this.#owned.add(teardown)
  }

  /** The way into a port that is the chain's. */
  into<A>({ push, close }: Port<A>): (value: A) => void {
    this.own(close)
    return push
  }

  /** The same step for calls from outside the chain: it throws nothing, and does nothing once the chain is closed. */
  guarded<A>(step: (value: A) => void): (value: A) => void {
    return (value) => {
      if (this.isClosed) return
      try {
        step(value)
      } catch (error) {
        this.died(error)
      }
    }
  }

  /** An operator as a step before `next`; `identity` is none. */
  through<A, B>(operator: OperatorFunction<A, B>, next: (value: B) => void): (value: A) => void {
    if (operator === identity) return next as unknown as (value: A) => void
    const input = new Subject<A>()
    this.own(input.pipe(operator).subscribe({ next: this.guarded(next), error: this.died }))
    return (value) => input.next(value)
  }

  close(): void {
    this.#owned.unsubscribe()
  }
}
