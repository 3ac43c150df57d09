import type { Engine } from './engine.ts'
import { vanishing } from './field.ts'

/*
 * The additive Fourier transform of Lin, Al-Naffouri and Han ("FFT algorithm for binary extension finite
 * fields and its application to Reed–Solomon codes", 2016): from values on a coset of a subspace to
 * coefficients and back. The rows of a strip lie one after the other, so a layer works on long runs.
 */

/** Rows that a transform works on. */
export interface Rows {
  readonly address: number
  /** A power of two. */
  readonly count: number
  /** Bytes of one row. */
  readonly pitch: number
  /** The element of the field that belongs to the first row. */
  readonly point: number
}

/**
 * Values to coefficients, in place or, where `adding`, added to the sums; then the rows are spent.
 *
 * @param used - how many of the rows may be other than 0
 */
export function inverseTransform(engine: Engine, rows: Rows, used: number, adding: boolean): void {
  const { address, count, pitch, point } = rows
  let level = 0
  if (Math.log2(count) % 2 === 1) {
    const last = count === 2
    for (let row = 0; row < used; row += 2) {
      engine.inverse2(address + row * pitch, pitch, point + row, last && adding)
    }
    level = 1
  }
  for (; 2 ** level < count; level += 2) {
    const distance = 2 ** level
    const last = 4 * distance === count
    for (let row = 0; row < used; row += 4 * distance) {
      const constant = vanishing(level, point + row)
      engine.inverse4(address + row * pitch, distance * pitch, constant, last && adding)
    }
  }
}

/**
 * Coefficients to values, in place.
 *
 * @param wanted - how many of the values are of interest; those behind them may be wrong
 */
export function forwardTransform(engine: Engine, rows: Rows, wanted: number): void {
  const { address, count, pitch, point } = rows
  let level = Math.log2(count)
  for (; level >= 2; level -= 2) {
    const distance = 2 ** (level - 2)
    for (let row = 0; row < wanted; row += 4 * distance) {
      const constant = vanishing(level - 2, point + row)
      const first = address + row * pitch
      if (constant === 0) forward4By0(engine, first, distance * pitch)
      else engine.forward4(first, distance * pitch, constant)
    }
  }
  if (level === 1) {
    for (let row = 0; row < wanted; row += 2) engine.forward2(address + row * pitch, pitch, point + row)
  }
}

/** `forward4` by the constant 0, where three of the four products are 0. */
function forward4By0(engine: Engine, address: number, run: number): void {
  engine.add(address + 2 * run, address, 2 * run)
  engine.add(address + run, address, run)
  engine.forward2(address + 2 * run, run, 2)
}
