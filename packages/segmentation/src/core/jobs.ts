import { SparseMap } from '@reliable-channels/stage/core'

/** A computation in pieces: yields how many bytes each has worked through, and returns what came out. */
export type Pieces<T> = Generator<number, T>

/** Something that takes long, and may go on in later turns. */
export interface Job<T> {
  /** What it is for. There is one job for each at a time. */
  readonly owner: object
  readonly pieces: Pieces<T>
  /** Asked before it goes on: a job that nobody wants any more ends without a result. */
  readonly isWanted: () => boolean
  readonly done: (result: T) => void
}

/**
 * Bytes of segments that are hashed, recovered or compared in one turn of the event loop.
 * @limit What is left goes on in the next turn.
 */
const TURN_BYTES = 2 ** 20

/**
 * The computations that were begun and are not done. They go on one after the other: messages come in the order in which
 * they had enough segments, since what follows may depend on what came before.
 */
export class Jobs {
  readonly #jobs = new SparseMap<object, Job<unknown>>()
  #left = TURN_BYTES

  /** Whether something is left to do. */
  get areLeft(): boolean {
    return this.#jobs.size > 0
  }

  /** Whether there is one for `owner`. */
  has(owner: object): boolean {
    return this.#jobs.has(owner)
  }

  /** A new turn: as much may be done again. */
  newTurn(): void {
    this.#left = TURN_BYTES
  }

  /** Begins a job, after those that were begun before. What is little is done at once. */
  begin<T>(job: Job<T>): void {
    this.#jobs.set(job.owner, job as Job<unknown>)
    this.run()
  }

  /** Goes on with what was begun, as far as this turn allows. */
  run(): void {
    for (const job of this.#jobs.values()) if (!this.#goOn(job)) return
  }

  /** Ends the job of `owner`, and those before it, however long it takes. */
  finish(owner: object): void {
    for (const job of this.#jobs.values()) {
      if (!this.#jobs.has(owner)) return
      this.#left = Infinity
      this.#goOn(job)
      this.#left = 0
    }
  }

  /** Returns whether the job is over. */
  #goOn({ owner, pieces, isWanted, done }: Job<unknown>): boolean {
    if (isWanted())
      while (this.#left > 0) {
        const piece = pieces.next()
        if (piece.done === true) {
          this.#jobs.delete(owner)
          done(piece.value)
          return true
        }
        this.#left -= piece.value
      }
    else this.#jobs.delete(owner)
    return !this.#jobs.has(owner)
  }
}

/** Goes through long arrays in pieces of this many bytes. */
export const PIECE_BYTES: number = 2 ** 18

/** An array in pieces that are views. */
export function* cut(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}
