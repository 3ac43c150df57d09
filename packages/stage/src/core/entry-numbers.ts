/** The lower digits of a number say whose it is: so many writers may be told apart. */
const WRITERS = 2 ** 21

/**
 * Numbers that name the entries of a stage in a store, each above those before it.
 *
 * Two that were restored from the same store at once, where nobody could know, would give the same names and write over
 * each other. With writers of their own they do not, and {@link areConcurrent} finds out when both are restored.
 */
export class EntryNumbers {
  readonly #step: number
  readonly #writer: number
  #next: number

  /** @param writer - in [0, 1), made up anew each time; without it numbers follow one upon the other */
  constructor(writer?: number) {
    this.#step = writer === undefined ? 1 : WRITERS
    this.#writer = writer === undefined ? 0 : Math.floor(writer * WRITERS)
    this.#next = this.#first
  }

  /** The number that {@link take} gives. */
  get next(): number {
    return this.#next
  }

  /** Names an entry. */
  take(): number {
    const number = this.#next
    this.#next += this.#step
    return number
  }

  /** There is an entry with this number: all that follow are above it. */
  restore(number: number): void {
    const turn = Math.floor(number / this.#step)
    if (turn < Math.floor(this.#next / this.#step)) return
    this.#next = (turn + 1) * this.#step + this.#writer
  }

  /** Nothing is stored any more: numbers begin anew. */
  reset(): void {
    this.#next = this.#first
  }

  /** No writer has it as a number from before there were writers. */
  get #first(): number {
    return this.#step === 1 ? 0 : this.#step + this.#writer
  }
}

/**
 * Whether two numbers, the next to each other of those that are stored, were given by two who did not know of each other:
 * whoever had read one would have given a greater other.
 */
export function areConcurrent(a: number, b: number): boolean {
  const turn = Math.floor(a / WRITERS)
  return turn > 0 && a !== b && turn === Math.floor(b / WRITERS)
}
