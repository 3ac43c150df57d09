const NO_SLOTS = new Int32Array(0)
/** Room for so many to begin with. */
const FEW = 16

/** Slots in order: a list of small integers that is cheap to add to at the end and to take from at the start. */
export class SlotOrder {
  #slots: Int32Array = NO_SLOTS
  #start = 0
  #end = 0

  get size(): number {
    return this.#end - this.#start
  }

  at(index: number): number {
    return this.#slots[this.#start + index]!
  }

  /** Puts `slot` before the one at `index`. */
  insert(index: number, slot: number): void {
    if (this.#end === this.#slots.length) this.#makeRoom()
    const at = this.#start + index
    if (at < this.#end) this.#slots.copyWithin(at + 1, at, this.#end)
    this.#slots[at] = slot
    this.#end++
  }

  remove(index: number): void {
    if (index === 0) this.#start++
    else {
      const at = this.#start + index
      this.#slots.copyWithin(at, at + 1, this.#end)
      this.#end--
    }
  }

  #makeRoom(): void {
    const slots =
      2 * this.size >= this.#slots.length
        ? new Int32Array(Math.max(FEW, 2 * this.#slots.length))
        : this.#slots
    slots.set(this.#slots.subarray(this.#start, this.#end))
    this.#slots = slots
    this.#end -= this.#start
    this.#start = 0
  }
}
