/** So much may wait at a gate, calls and values together. @limit What comes next is lost, as in a full socket. */
const MAX_WAITING = 100_000

/** Stands between a process and what it hears: shut while the process stands still, and for good once it has ended. */
export class Gate {
  #shut = false
  #ended = false
  #waiting: (() => void)[] = []

  get isOpen(): boolean {
    return !this.#shut && !this.#ended
  }

  get hasEnded(): boolean {
    return this.#ended
  }

  /** Does it now, or once the gate is open; in order. */
  pass(work: () => void): void {
    if (this.#ended) return
    if (!this.#shut) work()
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(work)
  }

  /** Resolves once the gate is open; never after its end. */
  opened(): Promise<void> {
    return new Promise((resolve) => this.pass(resolve))
  }

  shut(): void {
    if (!this.#ended) this.#shut = true
  }

  open(): void {
    if (this.#ended) return
    this.#shut = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const work of waiting) this.pass(work)
  }

  end(): void {
    this.#ended = true
    this.#waiting = []
  }
}
