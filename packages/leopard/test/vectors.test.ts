import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../src/core/code.ts'
import { field, vanishing } from '../src/core/field.ts'
import { LeopardNotEnoughShardsError } from '../src/index.ts'
import { tiers } from './tiers.ts'
import { dataShards, tables, vectors, without, type LeopardVector } from './vectors.ts'

const hex = (values: ArrayLike<number>): string => Buffer.from(Uint8Array.from(values)).toString('hex')
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Multiplications of bytes that an encoding may take, and ten recoveries; `pnpm conformance` runs all. */
const budgets: Readonly<Record<string, number>> = { reference: 2.5e6, 'fast TypeScript': 1.4e9 }

describe.each(tiers)('$name', ({ name, encode, recover }) => {
  const budget = budgets[name] ?? Number.POSITIVE_INFINITY
  const cost = ({ k, shardBytes }: LeopardVector, made: number): number => k * made * shardBytes
  const affordable = vectors.filter((vector) => cost(vector, vector.m) <= budget)

  // RSP-06, RSP-07
  it.each(affordable.map((vector) => [vector.id, vector] as const))(
    'agrees with the C++ library on %s',
    (_id, vector) => {
      const data = dataShards(vector)
      const parity = encode(data, vector.m)
      expect(parity.map(sha256)).toEqual(vector.paritySha256)
      if (vector.parityHex) expect(parity.map(hex)).toEqual(vector.parityHex)

      for (const { missingData, missingParity, result } of vector.decode) {
        const shards = { data: without(data, missingData), parity: without(parity, missingParity) }
        if (result !== 0) expect(() => recover(shards)).toThrow(LeopardNotEnoughShardsError)
        else if (cost(vector, missingData.length) <= budget / 10) {
          expect(sha256(Buffer.concat(recover(shards)))).toBe(vector.dataSha256)
        }
      }
    },
  )
})

describe('the code', () => {
  it.each(vectors.map((vector) => [vector.id, vector] as const))(
    'takes the path of the C++ library on %s',
    (_id, vector: LeopardVector) => {
      expect(codeOf(vector.k, vector.m).path).toBe(vector.path)
    },
  )
})

describe('the fields', () => {
  const littleEndian = (values: Uint16Array): Buffer => {
    const bytes = Buffer.alloc(2 * values.length)
    values.forEach((value, i) => bytes.writeUInt16LE(value, 2 * i))
    return bytes
  }
  /** Logarithm of the factor of the butterfly with each index: at a row and distance it is row + distance − 1. */
  const skews = (bits: 8 | 16): Uint16Array =>
    Uint16Array.from({ length: 2 ** bits - 1 }, (_, index) => {
      const level = Math.log2((index + 1) & -(index + 1))
      return field(bits).log[vanishing(level, (index + 1) ^ (1 << level))]!
    })

  it('have the logarithms, powers and butterfly factors of the C++ library in GF(2^8)', () => {
    const { log, exp } = field(8)
    expect(hex(log)).toBe(tables.ff8.logLUT)
    expect(hex(exp.subarray(0, 256))).toBe(tables.ff8.expLUT)
    expect(hex(skews(8))).toBe(tables.ff8.fftSkewLog255)
  })

  it('have the logarithms, powers and butterfly factors of the C++ library in GF(2^16)', () => {
    const { log, exp } = field(16)
    expect(sha256(littleEndian(log))).toBe(tables.ff16.logLUTSha256)
    expect(sha256(littleEndian(exp.subarray(0, 65_536)))).toBe(tables.ff16.expLUTSha256)
    expect(sha256(littleEndian(skews(16)))).toBe(tables.ff16.fftSkewLog65535Sha256)
  })
})
