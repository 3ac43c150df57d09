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
 * Values to coefficients. The result goes to `target`, in place of what is there or added to it.
 * The rows may be overwritten.
 */
export function inverseTransform(engine: Engine, rows: Rows, target: number, adding: boolean): void {
  const { address, count, pitch, point } = rows
  let level = 0
  if (Math.log2(count) % 2 === 1) {
    const last = count === 2
    for (let row = 0; row < count; row += 2) {
      const from = address + row * pitch
      engine.inverse2(from, last ? target : from, pitch, point + row, last && adding)
    }
    level = 1
  }
  for (; 2 ** level < count; level += 2) {
    const distance = 2 ** level
    const last = 4 * distance === count
    for (let row = 0; row < count; row += 4 * distance) {
      const from = address + row * pitch
      const constant = vanishing(level, point + row)
      engine.inverse4(from, last ? target : from, distance * pitch, constant, last && adding)
    }
  }
}

/** Coefficients to values, in place. */
export function forwardTransform(engine: Engine, { address, count, pitch, point }: Rows): void {
  let level = Math.log2(count)
  for (; level >= 2; level -= 2) {
    const distance = 2 ** (level - 2)
    for (let row = 0; row < count; row += 4 * distance) {
      const constant = vanishing(level - 2, point + row)
      engine.forward4(address + row * pitch, distance * pitch, constant)
    }
  }
  if (level === 1) {
    for (let row = 0; row < count; row += 2) engine.forward2(address + row * pitch, pitch, point + row)
  }
}
