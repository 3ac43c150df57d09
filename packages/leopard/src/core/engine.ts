/**
 * Arithmetic on runs of bytes in a memory of its own: what the transforms are made of. Addresses and
 * lengths are multiples of 64. Constants are elements of the field.
 */
export interface Engine {
  /** Bits of a symbol. */
  readonly bits: 8 | 16
  /** The implementation that it runs on. */
  readonly kind: 'wasm' | 'typescript'
  /** Makes room for `bytes` from {@link base} on and returns the memory; valid until the next call. */
  reserve(bytes: number): Uint8Array
  /** Address of the first byte that may be used: of the rows. */
  readonly base: number
  /** How far behind the rows their sums lie. */
  readonly sumOffset: number
  /** target ^= source */
  add(target: number, source: number, length: number): void
  /** target ^= source × constant */
  multiplyAdd(target: number, source: number, length: number, constant: number): void
  /**
   * Inverse butterflies of one layer on two runs, x and y: y ^= x, x ^= y × constant. The result stays in
   * place, or is added to the sums that lie {@link sumOffset} further; then the runs may be overwritten.
   */
  inverse2(address: number, run: number, constant: number, adding: boolean): void
  /**
   * Inverse butterflies of two layers on four runs: (0,1) by `constant` and (2,3) by `constant ^ 2`, then
   * (0,2) and (1,3) by `constant >> 1`. See {@link inverse2} for the result.
   */
  inverse4(address: number, run: number, constant: number, adding: boolean): void
  /** Undoes {@link inverse2} in place. */
  forward2(address: number, run: number, constant: number): void
  /** Undoes {@link inverse4} in place. */
  forward4(address: number, run: number, constant: number): void
}
