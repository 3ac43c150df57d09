import { createChecks, onlyNames } from '@reliable-channels/options'
import type { Observable } from 'rxjs'

/** Messages come faster than the loop takes them, and nothing holds them back. */
export class SlowReaderError extends Error {
  override readonly name = 'SlowReaderError'
  readonly code = 'ERR_SLOW_READER'
}

/** Options of {@link iterate}. */
export interface IterateOptions {
  /** Ends the loop, which throws the signal's reason. */
  readonly signal?: AbortSignal
  /**
   * Messages that wait for the loop.
   * @limit The loop throws {@link SlowReaderError}. With `consume: 'acknowledged'` it never comes to that: the channel holds
   * messages back.
   * @default 1_000
   */
  readonly maxWaiting?: number
}

/** A channel, typed or not; or anything that has messages that can be acknowledged. */
export interface MessageSource<M> {
  readonly incoming$: Observable<M>
}

interface Acknowledged {
  ack(): Promise<void>
}

const check = createChecks((message) => new TypeError(message))

/**
 * The messages of a channel, typed or not, for a `for await` loop; it ends when the channel is closed.
 *
 * A message is acknowledged when the loop asks for the next one. So with `consume: 'acknowledged'` the channel waits for a
 * slow loop, and what was being handled when the process ended comes again; also a message at which the loop was left by
 * `break`, `return` or an error: acknowledge it yourself before.
 *
 * @example
 * ```ts
 * for await (const { value, senderId } of iterate(chat, { signal })) await save(senderId, value)
 * ```
 */
export function iterate<M extends Acknowledged>(
  source: MessageSource<M>,
  options: IterateOptions = {},
): AsyncIterable<M> {
  check.object('source', source, 'a channel')
  onlyNames(check, options, ['signal', 'maxWaiting'])
  const { maxWaiting = 1_000 } = options
  check.integer('maxWaiting', maxWaiting, 1)
  return { [Symbol.asyncIterator]: () => new Reader(source, maxWaiting, options.signal) }
}

interface Taker<M> {
  readonly resolve: (result: IteratorResult<M>) => void
  readonly reject: (reason: unknown) => void
}

/** Hands out one message at a time. */
class Reader<M extends Acknowledged> implements AsyncIterableIterator<M> {
  readonly #waiting: M[] = []
  #current: M | undefined
  /** Who waits for a message. */
  #taker: Taker<M> | undefined
  #error: { readonly reason: unknown } | undefined
  #isOver = false
  readonly #stop: () => void

  constructor({ incoming$ }: MessageSource<M>, maxWaiting: number, signal: AbortSignal | undefined) {
    const abort = (): void => this.#end({ reason: signal?.reason })
    const subscription = incoming$.subscribe({
      next: (message) => {
        if (this.#isOver) return
        this.#waiting.push(message)
        if (this.#waiting.length > maxWaiting) this.#end({ reason: slowReader(maxWaiting) })
        else this.#serve()
      },
      error: (reason: unknown) => this.#end({ reason }),
      complete: () => this.#end(),
    })
    this.#stop = () => {
      subscription.unsubscribe()
      signal?.removeEventListener('abort', abort)
    }
    if (this.#isOver) this.#stop()
    else if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort)
  }

  async next(): Promise<IteratorResult<M>> {
    const current = this.#current
    this.#current = undefined
    // Not waited for: the store may take its time, and what comes again after a crash is flagged.
    current?.ack().catch(() => {})
    if (this.#taker !== undefined) throw new TypeError('next() was called before the last one had answered')
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject }
      this.#serve()
    })
  }

  /** Ends the loop; what it was handed last is not acknowledged. */
  async return(): Promise<IteratorResult<M>> {
    this.#waiting.length = 0
    this.#end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #end(error?: { readonly reason: unknown }): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#error = error
    if (error !== undefined) this.#waiting.length = 0
    // While it is being made there is nothing to stop yet.
    ;(this.#stop as (() => void) | undefined)?.()
    this.#serve()
  }

  #serve(): void {
    const taker = this.#taker
    if (taker === undefined) return
    const message = this.#waiting.shift()
    if (message === undefined && !this.#isOver) return
    this.#taker = undefined
    this.#current = message
    if (message !== undefined) taker.resolve({ done: false, value: message })
    else if (this.#error === undefined) taker.resolve({ done: true, value: undefined })
    else taker.reject(this.#error.reason)
  }
}

const slowReader = (maxWaiting: number): SlowReaderError =>
  new SlowReaderError(
    `${maxWaiting} messages wait for the loop: open the channel with consume: 'acknowledged', which holds them back`,
  )
