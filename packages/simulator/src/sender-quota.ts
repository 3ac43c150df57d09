/** How many messages each sender may send in an epoch, by the clock of the network. */
export class SenderQuota {
  readonly #messagesPerEpoch: number
  readonly #epochMs: number
  #epoch = 0
  /** What each has sent in this epoch. */
  readonly #sent = new Map<string, number>()

  constructor(messagesPerEpoch: number, epochMs: number) {
    this.#messagesPerEpoch = messagesPerEpoch
    this.#epochMs = epochMs
  }

  /** Whether one more message of a sender is taken. */
  take(name: string, nowMs: number): boolean {
    if (this.#messagesPerEpoch === Infinity) return true
    const epoch = Math.floor(nowMs / this.#epochMs)
    if (epoch !== this.#epoch) this.#sent.clear()
    this.#epoch = epoch
    const sent = this.#sent.get(name) ?? 0
    if (sent >= this.#messagesPerEpoch) return false
    this.#sent.set(name, sent + 1)
    return true
  }
}
