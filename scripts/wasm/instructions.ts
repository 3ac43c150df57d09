import { signed, unsigned, type Code } from './encoding.ts'

/*
 * Instructions as functions from the code of their operands to code: `i64.xor(a, b)` is `a b i64.xor`.
 * Opcodes from the index of instructions in the WebAssembly core specification, version 2.
 */

type Binary = (left: Code, right: Code) => Code

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
  add: binary(0x6a),
  sub: binary(0x6b),
  ne: binary(0x47),
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

/** The opcode of `i8x16.swizzle`, one byte longer than it need be. */
export const SWIZZLE: Code = [0xfd, 0x8e, 0x00]

/**
 * The opcode of `i8x16.relaxed_swizzle`, which does the same for indices below 16 in fewer machine
 * instructions, but is not known everywhere.
 */
export const RELAXED_SWIZZLE: Code = [0xfd, 0x80, 0x02]

export const i8x16 = {
  /** `i8x16.swizzle`, written as long as {@link RELAXED_SWIZZLE}, which may take its place. */
  swizzle: binary(...SWIZZLE),
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
