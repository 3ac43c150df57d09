import { faultProblem, NO_FAULTS, type FaultSettings } from './core/faults.ts'

/** The switches for what goes wrong at a node. */
export interface DevnetFaults {
  /** What is switched on now. */
  readonly settings: FaultSettings
  /**
   * Switches faults on or off; what is not named stays as it is.
   *
   * @throws {@link DevnetFaultError} for an unknown fault or a value out of range.
   */
  set(change: Partial<FaultSettings>): void
  /** Switches every fault off. */
  clear(): void
  /** Forgets the filter subscriptions of every peer, or of one: pings are answered 404 from then on. */
  forgetSubscriptions(peerId?: string): void
}

/** A fault that does not exist, or a value that it cannot take. */
export class DevnetFaultError extends Error {
  override readonly name = 'DevnetFaultError'
  readonly code = 'ERR_DEVNET_FAULT'
}

/** The faults of one node, and the dice that it throws for them. */
export class NodeFaults implements DevnetFaults {
  readonly #random: () => number
  readonly #forget: (peer?: string) => void
  readonly #timers = new Map<NodeJS.Timeout, () => void>()
  #settings = NO_FAULTS

  constructor(random: () => number, forget: (peer?: string) => void) {
    this.#random = random
    this.#forget = forget
  }

  get settings(): FaultSettings {
    return this.#settings
  }

  set(change: Partial<FaultSettings>): void {
    const problem = faultProblem(change)
    if (problem !== undefined) throw new DevnetFaultError(problem)
    this.#settings = { ...this.#settings, ...change }
  }

  clear(): void {
    this.#settings = NO_FAULTS
  }

  forgetSubscriptions(peerId?: string): void {
    this.#forget(peerId)
  }

  /** Whether a fault with this share strikes now. */
  strikes(share: number): boolean {
    return share > 0 && this.#random() < share
  }

  /** Waits for as long as the delay says, or until the node stops. */
  async delay(): Promise<void> {
    const { delayMs } = this.#settings
    if (delayMs === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, delayMs)
      this.#timers.set(timer, resolve)
    })
  }

  /** Ends every delay at once. */
  cancelDelays(): void {
    for (const [timer, resolve] of this.#timers) {
      clearTimeout(timer)
      resolve()
    }
    this.#timers.clear()
  }
}
