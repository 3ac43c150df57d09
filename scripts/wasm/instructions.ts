import { signed, unsigned, type Code } from './encoding.ts'

/*
 * Instructions as functions from the code of their operands to code: `i64.xor(a, b)` is `a b i64.xor`.
 * Opcodes from the index of instructions in the WebAssembly core specification, version 2.
 */

type Unary = (operand: Code) => Code
type Binary = (left: Code, right: Code) => Code

const unary =
  (...opcode: Code): Unary =>
  (operand) => [...operand, ...opcode]

const binary =
  (...opcode: Code): Binary =>
  (left, right) => [...left, ...right, ...opcode]

const load =
  (alignment: number, ...opcode: Code) =>
  (address: Code, offset = 0): Code => [...address, ...opcode, alignment, ...unsigned(offset)]

const store =
  (alignment: number, ...opcode: Code) =>
  (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...opcode,
    alignment,
    ...unsigned(offset),
  ]

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)]

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(BigInt(value))],
  load: load(2, 0x28),
  load8u: load(0, 0x2d),
  load16u: load(1, 0x2f),
  store: store(2, 0x36),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  shl: binary(0x74),
  shrU: binary(0x76),
  eqz: unary(0x45),
  eq: binary(0x46),
  ne: binary(0x47),
  ltU: binary(0x49),
}

export const i64 = {
  const: (value: bigint): Code => [0x42, ...signed(value)],
  load: load(3, 0x29),
  store: store(3, 0x37),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  rotl: binary(0x89),
}

export const v128 = {
  const: (bytes: Code): Code => [...simd(12), ...bytes],
  load: load(4, ...simd(0)),
  store: store(4, ...simd(11)),
  and: binary(...simd(78)),
  xor: binary(...simd(81)),
}

export const i8x16 = {
  swizzle: binary(...simd(14)),
}

export const i16x8 = {
  shrU: binary(...simd(141)),
}

export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number, value: Code): Code => [...value, 0x21, ...unsigned(index)],
  tee: (index: number, value: Code): Code => [...value, 0x22, ...unsigned(index)],
}

/** Repeats `body` while the condition that it leaves on the stack holds. */
export function loopWhile(body: Code): Code {
  return [0x03, 0x40, ...body, 0x0d, 0, 0x0b]
}

/** Runs `then` if `condition` is not zero, else `otherwise`. */
export function when(condition: Code, then: Code, otherwise: Code = []): Code {
  return [...condition, 0x04, 0x40, ...then, ...(otherwise.length > 0 ? [0x05, ...otherwise] : []), 0x0b]
}

/** Calls the function with the given index. */
export function call(index: number, ...operands: readonly Code[]): Code {
  return [...operands.flat(), 0x10, ...unsigned(index)]
}
