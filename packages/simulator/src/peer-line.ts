/** One direction of a peer's line, which takes so many bytes a second; what waits for it is limited. */
export class PeerLine {
  #freeAtMs = 0

  /** When the last of so many bytes is through that come now; `undefined` where they do not fit into the queue. */
  pass(bytes: number, nowMs: number, bytesPerSecond: number, queueBytes: number): number | undefined {
    if (bytesPerSecond === Infinity) return nowMs
    const waitMs = Math.max(0, this.#freeAtMs - nowMs)
    const waitingBytes = (waitMs / 1000) * bytesPerSecond
    // Alone even a message passes that is larger than the queue.
    if (waitingBytes > 0 && waitingBytes + bytes > queueBytes) return undefined
    this.#freeAtMs = nowMs + waitMs + (bytes / bytesPerSecond) * 1000
    return this.#freeAtMs
  }
}
