/** The events that were told of a request. */
export interface Told {
  sent: boolean
  sendError: boolean
  delivered: boolean
  /** Whoever had it has lost it: told to that process. */
  withdrawn: number | undefined
  deliveryError: boolean
  /** The process began anew since, so that it may be told again. */
  again: boolean
}

/** A request of a member, and what was told of it. */
export interface JudgedRequest {
  readonly id: string
  readonly told: Told
}

/** Requests, and what their authors were told. */
export class Requests {
  readonly #byRequestId = new Map<string, JudgedRequest>()

  add(requestId: string, id: string): void {
    const told: Told = {
      sent: false,
      sendError: false,
      delivered: false,
      withdrawn: undefined,
      deliveryError: false,
      again: false,
    }
    this.#byRequestId.set(requestId, { id, told })
  }

  get(requestId: string): JudgedRequest | undefined {
    return this.#byRequestId.get(requestId)
  }

  /** A member's process has begun anew: it may be told again. */
  restarted(name: string): void {
    for (const { id, told } of this.#byRequestId.values()) if (id.startsWith(`${name}:`)) told.again = true
  }

  isDelivered(id: string): boolean {
    return this.toldOf(id)?.delivered === true
  }

  toldOf(id: string): Told | undefined {
    for (const request of this.#byRequestId.values()) if (request.id === id) return request.told
    return undefined
  }

  hasEnded(id: string): boolean {
    const told = this.toldOf(id)
    return told !== undefined && (told.sent || told.sendError)
  }
}
