import { type BloomBits, byteOrder, modulo, pairHashOf, testBits } from './bloom.ts'
import type { Dialect } from '../wire/message.ts'

/** Room for so many ids to begin with. */
const FEW = 16
const NO_HASHES = new Uint32Array(0)
const NO_REDUCED = new Int32Array(0)
/** The hashes of the id at hand. */
const ownPair = new Uint32Array(4)

/**
 * Finds which of many ids are in a filter. The hashes of an id are computed once, when it is added, and reduced once for
 * each size of filter; asking costs a few steps for each id that is not in the filter.
 */
export class FilterMatcher {
  readonly #dialect: Dialect
  /** Four words for each slot. */
  #hashes: Uint32Array = NO_HASHES
  /** For filters of `#bits` bits: the two hashes of each slot, reduced. */
  #reduced: Int32Array = NO_REDUCED
  #bits: number
  #count = 0

  /** @param bits - of the filters expected; another size costs one more pass over the ids */
  constructor(dialect: Dialect, bits: number) {
    this.#dialect = dialect
    this.#bits = bits
  }

  get count(): number {
    return this.#count
  }

  /**
   * Adds an id in the next slot.
   *
   * @param known - its hashes, if they have been computed
   */
  push(id: string, known?: Uint32Array): void {
    const at = 4 * this.#count
    if (at === this.#hashes.length) {
      const hashes = new Uint32Array(Math.max(2 * at, 4 * FEW))
      hashes.set(this.#hashes)
      this.#hashes = hashes
      const reduced = new Int32Array(hashes.length / 2)
      reduced.set(this.#reduced)
      this.#reduced = reduced
    }
    if (known === undefined) pairHashOf(this.#dialect)(id, ownPair)
    const pair = known ?? ownPair
    for (let i = 0; i < 4; i++) this.#hashes[at + i] = pair[i]!
    this.#count++
    this.#reduce(this.#count - 1)
  }

  /** Takes a slot out; the last slot moves there. */
  remove(slot: number): void {
    this.#count--
    const last = this.#count
    for (let i = 0; i < 4; i++) this.#hashes[4 * slot + i] = this.#hashes[4 * last + i]!
    for (let i = 0; i < 2; i++) this.#reduced[2 * slot + i] = this.#reduced[2 * last + i]!
  }

  /** The slots whose ids are in `filter`. */
  match(filter: BloomBits): number[] {
    if (this.#bits !== filter.bits) {
      this.#bits = filter.bits
      for (let slot = 0; slot < this.#count; slot++) this.#reduce(slot)
    }
    const slots: number[] = []
    const reduced = this.#reduced
    const { bytes } = filter
    const order = byteOrder(filter.dialect)
    const count = this.#count
    for (let slot = 0; slot < count; slot++) {
      // Of an id that is not in the filter, most often the first bit says so already.
      const bit = reduced[2 * slot]!
      if ((bytes[(bit >>> 3) ^ order]! & (1 << (bit & 7))) === 0) continue
      if (testBits(filter, reduced[2 * slot]!, reduced[2 * slot + 1]!)) slots.push(slot)
    }
    return slots
  }

  #reduce(slot: number): void {
    const hashes = this.#hashes
    const at = 4 * slot
    this.#reduced[2 * slot] = modulo(hashes[at]!, hashes[at + 1]!, this.#bits)
    this.#reduced[2 * slot + 1] = modulo(hashes[at + 2]!, hashes[at + 3]!, this.#bits)
  }
}
