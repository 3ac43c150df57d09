import { Observable, Subject, defer, distinctUntilChanged, merge, of } from 'rxjs'
import { tellsTheSame } from '../receiving/health.ts'
import type { Topic } from './messages.ts'

/** A topic that somebody in this tab listens to. */
interface WantedTopic {
  count: number
  readonly values: Subject<unknown>
  latest?: unknown
}

/** What is listened to in a tab, so that the leader is asked to tell it. */
export class WantedTopics {
  readonly #tell: () => void
  readonly #topics = new Map<Topic, WantedTopic>()
  #isTelling = false
  #isClosed = false

  /** @param tell Says what is wanted */
  constructor(tell: () => void) {
    this.#tell = tell
  }

  get names(): readonly Topic[] {
    return [...this.#topics.keys()]
  }

  /** The leader has told a value. */
  take(topic: Topic, value: unknown): void {
    const wanted = this.#topics.get(topic)
    if (wanted === undefined) return
    wanted.latest = value
    wanted.values.next(value)
  }

  /** What the leader tells, or `value$` with what is made of it: it is asked for while somebody listens. */
  values<T>(topic: Topic, value$?: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const wanted = this.#want(topic)
      const subscription = (value$ ?? (wanted.values as Observable<T>)).subscribe(subscriber)
      subscription.add(() => {
        if (--wanted.count > 0) return
        this.#topics.delete(topic)
        this.#changed()
      })
      return subscription
    })
  }

  /** The latest value, as far as it is known, and then each change; who takes the lead tells it once more. */
  state<T extends object>(topic: Topic): Observable<T> {
    return defer(() => {
      const known = this.#topics.get(topic)?.latest
      const latest$ = this.values<T>(topic)
      return known === undefined ? latest$ : merge(of(known as T), latest$)
    }).pipe(distinctUntilChanged<T>(tellsTheSame))
  }

  /** Ends what the leader tells. */
  close(): void {
    this.#isClosed = true
    for (const { values } of this.#topics.values()) values.complete()
  }

  #want(topic: Topic): WantedTopic {
    const wanted = this.#topics.get(topic) ?? { count: 0, values: new Subject<unknown>() }
    if (this.#isClosed) wanted.values.complete()
    if (++wanted.count > 1) return wanted
    this.#topics.set(topic, wanted)
    this.#changed()
    return wanted
  }

  /** All that changes in this turn is said at once. */
  #changed(): void {
    if (this.#isTelling || this.#isClosed) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      if (!this.#isClosed) this.#tell()
    })
  }
}
