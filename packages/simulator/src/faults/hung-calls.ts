/** So many calls may hang at a time. @limit Further ones reject. */
const MAX_HUNG = 10_000

/** Calls that hang until a mood ends, or for ever. */
export class HungCalls {
  #waiting: (() => void)[] = []

  /** Resolves once {@link HungCalls.end} lets it. */
  hang(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length < MAX_HUNG) this.#waiting.push(resolve)
      else reject(new Error(`${MAX_HUNG} calls hang already`))
    })
  }

  /** The mood has ended. @param late Whether what hung is done at last; otherwise it never is. */
  end(late: boolean): void {
    const waiting = this.#waiting
    this.#waiting = []
    if (late) for (const resolve of waiting) resolve()
  }
}
