import {
  bloomBytes,
  bloomHas,
  bloomParameters,
  decodeNimFilter,
  encodeNimFilter,
  setBits,
} from '../../../packages/sds/src/core.ts'
import { type CaseResult, bytesOf, compare, given } from '../checker.ts'
import { bitsOf } from './hashes.ts'
import { type NimLine, takesFilter } from './nim-line.ts'
import { orFalse } from './or-false.ts'
import { type ProtocolString, stringOf } from './protocol-string.ts'
import { type Serialized, picked, serialized } from './serialized.ts'

export interface BloomCase {
  readonly capacity: number
  readonly errorRate: number
  readonly k: number
  readonly error?: string
  readonly kHashes: number
  readonly mBits: number
  readonly words: number
  readonly items: readonly ({ id: ProtocolString; bits: number[] } | string)[]
  readonly probes?: readonly { id: ProtocolString; found: boolean }[]
  readonly after: Serialized
  readonly decoded: object
  readonly errorRatePpm?: string
}

export interface BloomDecodeCase {
  readonly name: string
  readonly hex: string
  readonly ok: boolean
  readonly capacity?: number
  readonly errorRate?: number
  readonly kHashes?: number
  readonly mBits?: number
  readonly words?: number
}

export function checkBloom(name: string, one: BloomCase): CaseResult {
  const parameters =
    one.k === 0
      ? bloomParameters(one.capacity, one.errorRate)
      : { capacity: one.capacity, errorRate: one.errorRate, hashCount: one.kHashes, bits: one.mBits }
  const { bits, hashCount } = parameters
  const filter = { dialect: 'nim', bits, hashCount, bytes: new Uint8Array(bloomBytes(bits)) } as const
  const hashes = Array.from({ length: hashCount }, (_, n) => n)
  const items = one.items.map((item) => {
    const id = typeof item === 'string' ? item : stringOf(item.id)
    const [a, b] = bitsOf(id, [0, 1], bits) as [number, number]
    setBits(filter, a, (b - a + bits) % bits)
    return typeof item === 'string' ? item : bitsOf(id, hashes, bits)
  })
  const wire = encodeNimFilter(parameters, filter.bytes)
  return compare(
    name,
    {
      hashCount,
      bits,
      words: filter.bytes.length / 8,
      items,
      probes: (one.probes ?? []).map(({ id }) => bloomHas(filter, stringOf(id))),
      after: serialized(wire, one.after),
      decoded: summary(decodeNimFilter(wire)),
      ppm: given(one.errorRatePpm)
        ? String(Math.round(decodeNimFilter(wire).errorRate * 1e6))
        : one.errorRatePpm,
    },
    {
      hashCount: one.kHashes,
      bits: one.mBits,
      words: one.words,
      items: one.items.map((item) => (typeof item === 'string' ? item : item.bits)),
      probes: (one.probes ?? []).map(({ found }) => found),
      after: picked(one.after),
      decoded: one.decoded,
      ppm: one.errorRatePpm,
    },
  )
}

const summary = (filter: ReturnType<typeof decodeNimFilter>): object => ({
  capacity: filter.capacity,
  errorRate: filter.errorRate,
  kHashes: filter.hashCount,
  mBits: filter.bits,
  words: Math.floor(filter.words.length / 8),
})

export function checkBloomDecode(name: string, one: BloomDecodeCase, line: NimLine): CaseResult {
  const { capacity, errorRate, kHashes, mBits, words } = one
  return compare(
    name,
    orFalse(() => takesFilter(bytesOf(one.hex), line) && summary(decodeNimFilter(bytesOf(one.hex)))),
    one.ok ? { capacity, errorRate, kHashes, mBits, words } : false,
  )
}
