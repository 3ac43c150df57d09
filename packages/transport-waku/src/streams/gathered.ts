/** Bytes as a stream hands them out. */
export interface Piece {
  readonly byteLength: number
  subarray(): Uint8Array
}

const NOTHING = new Uint8Array()

/**
 * Bytes that come in pieces, gathered in an array of their own: a piece of one byte may be a view that keeps a packet of
 * 64 KiB in memory.
 */
export class Gathered {
  #bytes = NOTHING
  #length = 0

  get length(): number {
    return this.#length
  }

  /** The bytes gathered, as a view, which is written on only behind its end. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** @param expected - bytes of all that is to be gathered; made room for as they come, since that may be a lie */
  add(piece: Piece, expected: number = Infinity): void {
    const length = this.#length + piece.byteLength
    if (length > this.#bytes.length) {
      const room = this.#length === 0 ? length : Math.max(length, Math.min(2 * length, expected))
      const larger = new Uint8Array(room)
      larger.set(this.bytes)
      this.#bytes = larger
    }
    this.#bytes.set(piece.subarray(), this.#length)
    this.#length = length
  }
}
