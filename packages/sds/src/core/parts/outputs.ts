import type { SdsEvent, SdsHealth } from '../event.ts'
import type { SdsOutput } from '../input.ts'

/** What the present step puts out, and the health that was shown last. */
export class Outputs {
  #outputs: SdsOutput[] = []
  #shown: SdsHealth = { state: 'synced', missing: 0, lost: 0 }

  get isEmpty(): boolean {
    return this.#outputs.length === 0
  }

  put(output: SdsOutput): void {
    this.#outputs.push(output)
  }

  /** Reports an event. */
  report(event: SdsEvent): void {
    this.#outputs.push({ type: 'event', event })
  }

  /** Shows how complete the log is, if that has changed. */
  show(missing: number, lost: number): void {
    if (missing === this.#shown.missing && lost === this.#shown.lost) return
    this.#shown = healthOf(missing, lost)
    this.#outputs.push({ type: 'health', health: this.#shown })
  }

  /** Takes out what was put. */
  take(): readonly SdsOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}

/** @param missing Messages known to be missing. */
export const healthOf = (missing: number, lost: number): SdsHealth => ({
  state: missing > 0 ? 'missing' : 'synced',
  missing,
  lost,
})
