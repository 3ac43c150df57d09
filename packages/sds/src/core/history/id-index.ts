/** Slots by the hash of their id: a hash table with open addressing, of small integers alone. */
export class IdIndex {
  /** Slot + 1 in each cell; 0 where there is none. At most two thirds of them are taken. */
  #cells = new Int32Array(64)
  /** The hash of each slot. */
  #hashes = new Int32Array(32)
  #count = 0
  readonly #isOf: (slot: number, id: string) => boolean

  /** @param isOf - whether the id of a slot is `id` */
  constructor(isOf: (slot: number, id: string) => boolean) {
    this.#isOf = isOf
  }

  /** The slot of an id, or -1. */
  find(id: string, hash: number): number {
    const cells = this.#cells
    const mask = cells.length - 1
    for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
      const slot = cells[cell]! - 1
      if (slot === -1 || (this.#hashes[slot] === hash && this.#isOf(slot, id))) return slot
    }
  }

  /** Adds a slot whose id is not in it. */
  add(slot: number, hash: number): void {
    if (slot >= this.#hashes.length) {
      const hashes = new Int32Array(2 * Math.max(slot, this.#hashes.length))
      hashes.set(this.#hashes)
      this.#hashes = hashes
    }
    this.#hashes[slot] = hash
    this.#count++
    if (3 * this.#count > 2 * this.#cells.length) this.#grow()
    this.#put(slot)
  }

  /** Takes out a slot that is in it; what is behind it moves up. */
  remove(slot: number): void {
    const cells = this.#cells
    const mask = cells.length - 1
    let gap = this.#hashes[slot]! & mask
    while (cells[gap] !== slot + 1) gap = (gap + 1) & mask
    for (let cell = (gap + 1) & mask; cells[cell] !== 0; cell = (cell + 1) & mask) {
      const wanted = this.#hashes[cells[cell]! - 1]! & mask
      // It may not move before the cell that it was meant for.
      if (((cell - wanted) & mask) < ((cell - gap) & mask)) continue
      cells[gap] = cells[cell]!
      gap = cell
    }
    cells[gap] = 0
    this.#count--
  }

  #grow(): void {
    const cells = this.#cells
    this.#cells = new Int32Array(2 * cells.length)
    for (let i = 0; i < cells.length; i++) if (cells[i] !== 0) this.#put(cells[i]! - 1)
  }

  #put(slot: number): void {
    const cells = this.#cells
    const mask = cells.length - 1
    let cell = this.#hashes[slot]! & mask
    while (cells[cell] !== 0) cell = (cell + 1) & mask
    cells[cell] = slot + 1
  }
}
