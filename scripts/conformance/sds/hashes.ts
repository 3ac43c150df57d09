import { farmHash, farmPair, modulo } from '../../../packages/sds/src/core.ts'
import { decodeText } from '../../../packages/wire/src/core/text.ts'
import { type CaseResult, bytesOf, compare, given } from '../checker.ts'

export interface HashCase {
  readonly inputHex: string
  readonly u64Hex: string
  readonly abs: string
  readonly int64?: string
  readonly utf8?: string
}

export interface HashNCase {
  readonly inputHex: string
  readonly maxValue: number
  readonly n: number[]
  readonly result: number[]
}

const hexWord = (word: number): string => word.toString(16).padStart(8, '0')

export function checkHash(name: string, { inputHex, u64Hex, abs, int64, utf8 }: HashCase): CaseResult {
  const out = new Uint32Array(2)
  farmHash(bytesOf(inputHex), out)
  const pair = new Uint32Array(4)
  farmPair(decodeText(bytesOf(inputHex)), pair)
  const absolute = ((BigInt(pair[0]!) << 32n) | BigInt(pair[1]!)).toString()
  const hash = (BigInt(out[0]!) << 32n) | BigInt(out[1]!)
  return compare(
    name,
    [
      hexWord(out[0]!) + hexWord(out[1]!),
      absolute,
      given(int64) ? BigInt.asIntN(64, hash).toString() : int64,
      given(utf8) ? decodeText(bytesOf(inputHex)) : utf8,
    ],
    [u64Hex, abs, int64, utf8],
  )
}

/** The bits of an id in a filter of `bits` bits. */
export function bitsOf(id: string, hashes: readonly number[], bits: number): number[] {
  const pair = new Uint32Array(4)
  farmPair(id, pair)
  const a = modulo(pair[0]!, pair[1]!, bits)
  const b = modulo(pair[2]!, pair[3]!, bits)
  return hashes.map((n) => (a + n * b) % bits)
}

export function checkHashN(name: string, one: HashNCase): CaseResult {
  return compare(name, bitsOf(decodeText(bytesOf(one.inputHex)), one.n, one.maxValue), one.result)
}
