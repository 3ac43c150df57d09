import { faultProblem, NO_FAULTS, type FaultSettings } from './core/faults.ts'

/** The switches for what goes wrong at a node. */
export interface DevnetFaults {
  /** Faults that are switched on now. */
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

/** Replies and pushes of one node that may be held back at a time. @limit What comes on top is lost. */
const MAX_DELAYED = 10_000

/** The faults of one node, and the dice that it throws for them. */
export class NodeFaults implements DevnetFaults {
  readonly #random: () => number
  readonly #forget: (peer?: string) => void
  readonly #timers = new Map<NodeJS.Timeout, (isOver: boolean) => void>()
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

  /** Waits for as long as the delay says; false if the node stopped meanwhile, or if too much waits. */
  async delay(): Promise<boolean> {
    const { delayMs } = this.#settings
    if (delayMs === 0) return true
    if (this.#timers.size >= MAX_DELAYED) return false
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        resolve(true)
      }, delayMs)
      this.#timers.set(timer, resolve)
    })
  }

  /** Ends every delay at once. */
  cancelDelays(): void {
    for (const [timer, resolve] of this.#timers) {
      clearTimeout(timer)
      resolve(false)
    }
    this.#timers.clear()
  }
}
