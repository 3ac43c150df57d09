import { unshared } from '@reliable-channels/wire'

/** Contents up to so many bytes are kept side by side in larger pieces of memory; the history copies them. */
export const SMALL = 1_024
/** Bytes of the first piece of memory that they share, and of the largest: each is twice as large as the one before. */
const FIRST_SLAB = 2_048
const SLAB = 65_536
/** The part of the memory that it is in which a shared content fills at least, or it is copied: the rest is kept with it. */
const FILLED = 3 / 4

const NO_SLAB = new Uint8Array(0)

/**
 * Contents as they are kept, and as they are handed out. An array of its own costs several hundred bytes beside its content,
 * so small contents are copied into one that they share, which is never handed out. Large ones are copied, too, on both ways,
 * or on neither where contents are shared.
 */
export class ContentStore {
  readonly #isShared: boolean
  #slab: Uint8Array<ArrayBuffer> = NO_SLAB
  #used = 0

  /** @param isShared - nobody changes what is handed in or out */
  constructor(isShared: boolean) {
    this.#isShared = isShared
  }

  /** A content to be kept. */
  keep(content: Uint8Array): Uint8Array {
    const { length } = content
    if (length > SMALL) {
      const isFilled = length >= FILLED * content.buffer.byteLength
      // Not `slice`, which shares the memory of a Buffer.
      return this.#isShared && isFilled ? unshared(content) : new Uint8Array(content)
    }
    if (this.#used + length > this.#slab.length) {
      this.#slab = new Uint8Array(Math.min(SLAB, Math.max(FIRST_SLAB, 2 * this.#slab.length)))
      this.#used = 0
    }
    const kept = this.#slab.subarray(this.#used, this.#used + length)
    kept.set(content)
    this.#used += length
    return kept
  }

  /** What {@link keep} has kept, for somebody else. */
  give(content: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#isShared && content.length > SMALL) return content as Uint8Array<ArrayBuffer>
    return new Uint8Array(content)
  }
}
