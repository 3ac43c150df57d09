/** One thing that takes bytes from outside. */
export interface FuzzTarget {
  readonly name: string
  /** Its part of all inputs, beside those of the others. */
  readonly weight: number
  /** Inputs of a round: after so many it begins anew. */
  readonly roundInputs: number
  /** Most bytes that it may allocate or give for each byte of an input, and besides. */
  readonly perByte: number
  readonly besides: number
  /** Real inputs, of which others are made. */
  readonly seeds: () => readonly Uint8Array[]
  /** Makes what takes the inputs of a round. */
  readonly open: (random: () => number) => FuzzSubject | Promise<FuzzSubject>
}

/** Takes the inputs of one round. */
export interface FuzzSubject {
  /** Takes one input; throws a {@link Flaw}, or anything that is no answer to it. Returns what came out. */
  take(input: Uint8Array<ArrayBuffer>): unknown
  /** What must hold when all were taken. */
  end?(): void | Promise<void>
}

/** Something does not hold that must. */
export class Flaw extends Error {
  override readonly name = 'Flaw'
}

/** Throws unless it holds. */
export function hold(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Flaw(text)
}

/** Calls what may refuse bytes by an error of these classes alone; `undefined` where it did. */
export function refusable<T>(call: () => T, ...refusals: (new (...args: never) => Error)[]): T | undefined {
  try {
    return call()
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return undefined
    throw error
  }
}
