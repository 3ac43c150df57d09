import type { Code } from '../../../scripts/wasm/encoding.ts'
import { i32, local, loopWhile, v128 } from '../../../scripts/wasm/instructions.ts'
import { assemble, WasmFunction } from '../../../scripts/wasm/module.ts'
import { layoutOf } from '../src/core/layout.ts'
import { Multiplier, type Value } from './multiplier.ts'

const PAGE = 65_536

/**
 * The kernel of one field: the butterflies of the Fourier transforms on runs of bytes, which lie one after
 * the other. Radix 4 does two layers with each value in a register. Where what is multiplied is a sum of
 * values that were taken apart before, so are its nibbles: that saves an instruction.
 */
export function leopardKernel(bits: 8 | 16): Uint8Array {
  const { rows, maximumBytes } = layoutOf(bits)
  return assemble({
    functions: [
      add(),
      multiplyAdd(bits),
      inverse2(bits, false),
      inverse2(bits, true),
      inverse4(bits, false),
      inverse4(bits, true),
      forward2(bits),
      forward4(bits),
    ],
    pages: { initial: Math.ceil(rows / PAGE), maximum: Math.ceil(maximumBytes / PAGE) },
  })
}

/** `add(target, source, length)`: target ^= source. */
function add(): WasmFunction {
  const fn = new WasmFunction(['i32', 'i32', 'i32'], 'add')
  const [target, source, left] = [0, 1, 2]
  const step = [0, 16, 32, 48].flatMap((offset) =>
    v128.store(
      local.get(target),
      v128.xor(v128.load(local.get(target), offset), v128.load(local.get(source), offset)),
      offset,
    ),
  )
  fn.body = forEach(left, 64, [target, source], step)
  return fn
}

/** `multiplyAdd(target, source, length, table)`: target ^= source × constant. */
function multiplyAdd(bits: 8 | 16): WasmFunction {
  const fn = new WasmFunction(['i32', 'i32', 'i32', 'i32'], 'multiplyAdd')
  const [target, source, left, table] = [0, 1, 2, 3]
  const by = new Multiplier(fn, bits, table, 1)
  const [x, y, ofY] = [by.value(), by.value(), by.nibbles()]
  const step = by.offsets.flatMap((offset) => [
    ...by.load(y, source, offset),
    ...by.load(x, target, offset),
    ...by.split(ofY, y),
    ...by.addProduct(x, ofY, 0),
    ...by.store(target, x, offset),
  ])
  fn.body = [...by.prepare(), ...forEach(left, by.step, [target, source], step)]
  return fn
}

/** `inverse2(address, run, table)`: y ^= x, x ^= y × c; the `Add` kind adds to the sums. */
function inverse2(bits: 8 | 16, adding: boolean): WasmFunction {
  const fn = new WasmFunction(['i32', 'i32', 'i32'], adding ? 'inverse2Add' : 'inverse2')
  const [address, run, table] = [0, 1, 2]
  const by = new Multiplier(fn, bits, table, 1)
  const rows = pointers(fn, address, run, 2)
  const [x, y, ofY] = [by.value(), by.value(), by.nibbles()]
  const step = by.offsets.flatMap((offset) => [
    ...by.load(x, rows.of[0]!, offset),
    ...by.load(y, rows.of[1]!, offset),
    ...by.add(y, x),
    ...by.split(ofY, y),
    ...by.addProduct(x, ofY, 0),
    ...put(by, rows.of, [x, y], offset, adding ? layoutOf(bits).sumOffset : undefined),
  ])
  fn.body = [...by.prepare(), ...rows.set, ...forEach(run, by.step, rows.of, step)]
  return fn
}

/** `inverse4(address, run, table01, table23, table02)`: the layers of (0,1) (2,3), then (0,2) (1,3). */
function inverse4(bits: 8 | 16, adding: boolean): WasmFunction {
  const fn = new WasmFunction(['i32', 'i32', 'i32', 'i32', 'i32'], adding ? 'inverse4Add' : 'inverse4')
  const [address, run, tables] = [0, 1, 2]
  const by = new Multiplier(fn, bits, tables, 3)
  const rows = pointers(fn, address, run, 4)
  const values = [by.value(), by.value(), by.value(), by.value()] as const
  const [a, b, c, d] = values
  const [ofB, ofC, ofD] = [by.nibbles(), by.nibbles(), by.nibbles()]
  const step = by.offsets.flatMap((offset) => [
    ...values.flatMap((value, i) => by.load(value, rows.of[i]!, offset)),
    ...by.add(b, a),
    ...by.split(ofB, b),
    ...by.addProduct(a, ofB, 0),
    ...by.add(d, c),
    ...by.split(ofD, d),
    ...by.addProduct(c, ofD, 1),
    ...by.add(d, b),
    ...by.add(ofD, ofB),
    ...by.addProduct(b, ofD, 2),
    ...by.add(c, a),
    ...by.split(ofC, c),
    ...by.addProduct(a, ofC, 2),
    ...put(by, rows.of, values, offset, adding ? layoutOf(bits).sumOffset : undefined),
  ])
  fn.body = [...by.prepare(), ...rows.set, ...forEach(run, by.step, rows.of, step)]
  return fn
}

/** `forward2(address, run, table)`: x ^= y × c, y ^= x. */
function forward2(bits: 8 | 16): WasmFunction {
  const fn = new WasmFunction(['i32', 'i32', 'i32'], 'forward2')
  const [address, run, table] = [0, 1, 2]
  const by = new Multiplier(fn, bits, table, 1)
  const rows = pointers(fn, address, run, 2)
  const [x, y, ofY] = [by.value(), by.value(), by.nibbles()]
  const step = by.offsets.flatMap((offset) => [
    ...by.load(x, rows.of[0]!, offset),
    ...by.load(y, rows.of[1]!, offset),
    ...by.split(ofY, y),
    ...by.addProduct(x, ofY, 0),
    ...by.add(y, x),
    ...put(by, rows.of, [x, y], offset, undefined),
  ])
  fn.body = [...by.prepare(), ...rows.set, ...forEach(run, by.step, rows.of, step)]
  return fn
}

/** `forward4(address, run, table01, table23, table02)`: the layers of {@link inverse4} undone. */
function forward4(bits: 8 | 16): WasmFunction {
  const fn = new WasmFunction(['i32', 'i32', 'i32', 'i32', 'i32'], 'forward4')
  const [address, run, tables] = [0, 1, 2]
  const by = new Multiplier(fn, bits, tables, 3)
  const rows = pointers(fn, address, run, 4)
  const values = [by.value(), by.value(), by.value(), by.value()] as const
  const [a, b, c, d] = values
  const [ofB, ofC, ofD] = [by.nibbles(), by.nibbles(), by.nibbles()]
  const step = by.offsets.flatMap((offset) => [
    ...values.flatMap((value, i) => by.load(value, rows.of[i]!, offset)),
    ...by.split(ofC, c),
    ...by.addProduct(a, ofC, 2),
    ...by.add(c, a),
    ...by.split(ofD, d),
    ...by.addProduct(b, ofD, 2),
    ...by.add(d, b),
    ...by.split(ofB, b),
    ...by.addProduct(a, ofB, 0),
    ...by.add(b, a),
    ...by.add(ofD, ofB),
    ...by.addProduct(c, ofD, 1),
    ...by.add(d, c),
    ...put(by, rows.of, values, offset, undefined),
  ])
  fn.body = [...by.prepare(), ...rows.set, ...forEach(run, by.step, rows.of, step)]
  return fn
}

/** Stores the values in their rows, or adds them to the sums behind. */
function put(
  by: Multiplier,
  rows: readonly number[],
  values: readonly Value[],
  offset: number,
  sumOffset: number | undefined,
): Code {
  return values.flatMap((value, i) => {
    const row = rows[i]!
    if (sumOffset === undefined) return by.store(row, value, offset)
    return [...by.addLoaded(value, row, offset + sumOffset), ...by.store(row, value, offset + sumOffset)]
  })
}

/** Pointers to `count` runs, the first of which the parameter `first` points to. */
function pointers(fn: WasmFunction, first: number, run: number, count: number): { of: number[]; set: Code } {
  const of = [first, ...fn.locals('i32', count - 1)]
  const set = of
    .slice(1)
    .flatMap((pointer, i) => local.set(pointer, i32.add(local.get(of[i]!), local.get(run))))
  return { of, set }
}

/** Repeats `body` for `left` bytes, `step` at a time, while the pointers move along. */
function forEach(left: number, step: number, moving: readonly number[], body: Code): Code {
  return loopWhile([
    ...body,
    ...moving.flatMap((pointer) => local.set(pointer, i32.add(local.get(pointer), i32.const(step)))),
    ...local.tee(left, i32.sub(local.get(left), i32.const(step))),
  ])
}
