/** A Keccak-256 computation that takes its input in pieces. */
export interface Keccak256 {
  /**
   * Appends `data`. The bytes are consumed before the call returns; the caller may reuse the array.
   *
   * @throws {@link KeccakFinishedError} after {@link digest}
   * @throws {@link KeccakInputError} when `data` is not a `Uint8Array`
   */
  update(data: Uint8Array): this
  /**
   * Ends the computation and returns the 32-byte hash. To hash a prefix and go on, digest a {@link clone}.
   *
   * @throws {@link KeccakFinishedError} when called twice
   */
  digest(): Uint8Array<ArrayBuffer>
  /**
   * An independent copy of the computation so far.
   *
   * @throws {@link KeccakFinishedError} after {@link digest}
   */
  clone(): Keccak256
}

/** A hasher was used after its digest had been taken. */
export class KeccakFinishedError extends Error {
  override readonly name = 'KeccakFinishedError'
  readonly code = 'ERR_KECCAK_FINISHED'

  constructor() {
    super('this hasher was digested: make a new one, or digest a clone()')
  }
}

/** Something other than a `Uint8Array` was passed to be hashed. */
export class KeccakInputError extends TypeError {
  override readonly name = 'KeccakInputError'
  readonly code = 'ERR_KECCAK_INPUT'

  constructor(got: unknown) {
    super(
      `"data" expected Uint8Array, got ${got === null ? 'null' : typeof got}; encode text with TextEncoder`,
    )
  }
}

/** Throws {@link KeccakInputError} unless `data` is a `Uint8Array`. */
export function assertBytes(data: unknown): asserts data is Uint8Array {
  if (data instanceof Uint8Array) return
  // One of another realm (a frame, a test environment) is one too.
  const isForeign = ArrayBuffer.isView(data) && Object.prototype.toString.call(data) === '[object Uint8Array]'
  if (!isForeign) throw new KeccakInputError(data)
}
