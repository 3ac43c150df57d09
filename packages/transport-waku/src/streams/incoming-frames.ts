/** Bytes that may wait in a queue. @limit What comes on top is lost. */
const MAX_WAITING_BYTES = 4 * 2 ** 20

/** Frames for one reader, who may be slower than they come. */
export class IncomingFrames implements AsyncIterable<Uint8Array> {
  #frames: Uint8Array[] = []
  #bytes = 0
  #ended = false
  #wake: () => void = () => {}

  push(frame: Uint8Array): void {
    if (this.#ended || this.#bytes + frame.length > MAX_WAITING_BYTES) return
    this.#frames.push(frame)
    this.#bytes += frame.length
    this.#wake()
  }

  /** Nothing comes after what waits. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const frames = this.#frames
      this.#frames = []
      this.#bytes = 0
      yield* frames
      if (this.#frames.length > 0) continue
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
