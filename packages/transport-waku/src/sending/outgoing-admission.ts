import { SendQueueFullError } from '../errors.ts'

/** How much is taken in. */
export interface AdmissionLimits {
  /** Requests accepted ahead of the service nodes. */
  readonly maxAccepted: number
  /** Requests not yet ended, those that wait for being accepted included. */
  readonly maxQueued: number
  /** Bytes of payload in them. */
  readonly maxQueuedBytes: number
}

interface Waiting {
  readonly accept: () => void
  readonly reject: (error: Error) => void
}

/** Accepts requests in order, as fast as service nodes take them. */
export class OutgoingAdmission {
  readonly #limits: AdmissionLimits
  readonly #waiting: Waiting[] = []
  /** Accepted, and not yet at any service node. */
  #ahead = 0
  #size = 0
  #bytes = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Requests not yet ended, those that wait for being accepted included. */
  get size(): number {
    return this.#size
  }

  /**
   * Takes in a request with so many bytes; {@link OutgoingAdmission.left} ends it.
   *
   * @returns Resolves when it is accepted; `undefined` when it is at once.
   * @throws {@link SendQueueFullError} when there is no room even to wait.
   */
  enter(bytes: number): Promise<void> | undefined {
    const { maxAccepted, maxQueued, maxQueuedBytes } = this.#limits
    if (this.#size >= maxQueued || this.#bytes + bytes > maxQueuedBytes) {
      throw new SendQueueFullError(this.#size, this.#bytes)
    }
    this.#size++
    this.#bytes += bytes
    if (this.#ahead < maxAccepted && this.#waiting.length === 0) {
      this.#ahead++
      return undefined
    }
    return this.#wait(bytes)
  }

  async #wait(bytes: number): Promise<void> {
    try {
      await new Promise<void>((accept, reject) => this.#waiting.push({ accept, reject }))
    } catch (error) {
      this.left(bytes)
      throw error
    }
  }

  /** One that was accepted is at a service node, or will never be: the next one takes its place. */
  next(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#ahead--
    else next.accept()
  }

  /** A request has ended. */
  left(bytes: number): void {
    this.#size--
    this.#bytes -= bytes
  }

  /** Turns away all that wait for being accepted. */
  rejectWaiting(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
