import type { SdsEvent, SdsHealth } from '../event.ts'
import type { SdsOutput } from '../input.ts'

/** The outputs of the present step, and the health that was shown last. */
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
  show(missing: number, lost: number, parked: number): void {
    const { state } = this.#shown
    const isSame = missing === this.#shown.missing && lost === this.#shown.lost
    if (isSame && state === stateOf(missing, parked)) return
    this.#shown = healthOf(missing, lost, parked)
    this.#outputs.push({ type: 'health', health: this.#shown })
  }

  /** Takes out what was put. */
  take(): readonly SdsOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}

/** A message that has come and waits is not there yet, even if none is known to be missing. */
const stateOf = (missing: number, parked: number): SdsHealth['state'] =>
  missing > 0 || parked > 0 ? 'missing' : 'synced'

/**
 * @param missing Messages known to be missing.
 * @param parked Messages that have come and wait.
 */
export const healthOf = (missing: number, lost: number, parked: number): SdsHealth => ({
  state: stateOf(missing, parked),
  missing,
  lost,
})
