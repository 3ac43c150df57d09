import { withinLimit } from '@reliable-channels/stage'

/** Longest wait for one thing to close, ms. @limit It is left to the end of the process. */
const CLOSE_MS = 10_000

/** What is to be closed at the end, the latest first, whatever fails. */
export class Closers implements AsyncDisposable {
  readonly #work: { readonly what: string; readonly close: () => PromiseLike<unknown> | void }[] = []

  /** Adds something that can be closed, and returns it. */
  use<T extends AsyncDisposable>(what: string, one: T): T {
    this.add(what, () => one[Symbol.asyncDispose]())
    return one
  }

  add(what: string, close: () => PromiseLike<unknown> | void): void {
    this.#work.push({ what, close })
  }

  /** Closes everything; what cannot be closed is of no interest any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let last = this.#work.pop(); last !== undefined; last = this.#work.pop()) {
      const { what, close } = last
      await withinLimit(async () => close(), { what, limitMs: CLOSE_MS }).catch(() => {})
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
}
