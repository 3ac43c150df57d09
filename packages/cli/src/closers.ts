import { withinLimit } from '@reliable-channels/stage'
import type { Output } from './output.ts'

/** Longest wait for one thing to close, ms. @limit That is told, and it is left to the end of the process. */
const CLOSE_MS = 10_000

/** What is to be closed at the end, the latest first, whatever fails. */
export class Closers implements AsyncDisposable {
  readonly #output: Pick<Output, 'emit' | 'style'>
  readonly #work: { readonly what: string; readonly close: () => PromiseLike<unknown> | void }[] = []

  /** Tells of what cannot be closed. */
  constructor(output: Pick<Output, 'emit' | 'style'>) {
    this.#output = output
  }

  /** Adds something that can be closed, and returns it. */
  use<T extends AsyncDisposable>(what: string, one: T): T {
    this.add(what, () => one[Symbol.asyncDispose]())
    return one
  }

  add(what: string, close: () => PromiseLike<unknown> | void): void {
    this.#work.push({ what, close })
  }

  /** Closes everything; what cannot be closed is told, and keeps nothing else open. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let last = this.#work.pop(); last !== undefined; last = this.#work.pop()) {
      const { what, close } = last
      try {
        await withinLimit(async () => close(), { what: 'it', limitMs: CLOSE_MS })
      } catch (error) {
        this.#complain(what, error)
      }
    }
  }

  /** Runs `work`, and closes everything if that fails. */
  async whileOpening<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      await this[Symbol.asyncDispose]()
      throw error
    }
  }

  #complain(what: string, error: unknown): void {
    const { emit, style } = this.#output
    const message = `${what} could not be closed: ${error instanceof Error ? error.message : String(error)}`
    emit({ event: 'warning', code: 'not-closed', message }, style('yellow', `! ${message}`))
  }
}
