/** Contents up to so many bytes are kept side by side in larger pieces of memory; the history copies them. */
export const SMALL = 1_024
/** Bytes of the first piece of memory that they share, and of the largest: each is twice as large as the one before. */
const FIRST_SLAB = 2_048
const SLAB = 65_536

const NO_SLAB = new Uint8Array(0)

/**
 * Copies content out of the bytes it came in, to keep it. An array of its own costs several hundred bytes beside its
 * content, so small contents share one; what this returns is never handed out.
 */
export class ContentStore {
  #slab: Uint8Array<ArrayBuffer> = NO_SLAB
  #used = 0

  keep(content: Uint8Array): Uint8Array {
    const { length } = content
    // Not `slice`, which shares the memory of a Buffer.
    if (length > SMALL) return new Uint8Array(content)
    if (this.#used + length > this.#slab.length) {
      this.#slab = new Uint8Array(Math.min(SLAB, Math.max(FIRST_SLAB, 2 * this.#slab.length)))
      this.#used = 0
    }
    const kept = this.#slab.subarray(this.#used, this.#used + length)
    kept.set(content)
    this.#used += length
    return kept
  }
}
