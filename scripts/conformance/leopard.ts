import { createHash } from 'node:crypto'
import { LeopardNotEnoughShardsError } from '../../packages/leopard/src/index.ts'
import { type Tier, tiers } from '../../packages/leopard/test/tiers.ts'
import { codeOf } from '../../packages/leopard/src/core/code.ts'
import { field } from '../../packages/leopard/src/core/field.ts'
import { type CaseResult, type Checker, attempt, compare, given, hexOf } from './checker.ts'

/** Bytes that the reference recovers of each shard: every 64 are a code of their own, and it is slow. */
const REFERENCE_BYTES = 4096
/** Multiplications that the reference may take for one case: about a minute of them. */
const REFERENCE_WORK = 2 ** 30

interface DecodeCase {
  readonly missingData: readonly number[]
  readonly missingParity: readonly number[]
  /** 0, or -1 for too few shards. */
  readonly result: number
  readonly recoveredEqualsOriginal?: boolean
}

interface Tables {
  readonly ff8?: { readonly logLUT?: string; readonly expLUT?: string }
  readonly ff16?: {
    readonly logLUTSha256?: string
    readonly expLUTSha256?: string
    readonly logLUTFirst16?: number[]
  }
}

interface LeopardVector {
  readonly id: string
  readonly k: number
  readonly m: number
  readonly shardBytes: number
  readonly seed: number
  readonly path?: string
  readonly dataSha256?: string
  readonly dataShard0First16?: string
  readonly parityHex?: readonly string[]
  readonly paritySha256?: readonly string[]
  readonly decode?: readonly DecodeCase[]
}

/** Outputs of the C++ library: parity, and what its decoder recovers. */
export const leopardVectors: Checker = {
  name: 'Leopard vectors',
  recognises: (document) => vectorsOf(document).some(({ shardBytes }) => shardBytes !== undefined),
  *check(document) {
    for (const vector of vectorsOf(document)) yield* checkVector(vector as LeopardVector)
    const { tables } = document as { tables?: Tables }
    if (given(tables)) yield* checkTables(tables)
  },
  apart: {
    library: 'where the outputs come from',
    'vectors[].decode[].message': 'the words of the library',
    'tables.ff8.fftSkewLog255': 'of transforms that are made otherwise here',
    'tables.ff8.logWalsh': 'of transforms that are made otherwise here',
    'tables.ff16.fftSkewLog65535Sha256': 'of transforms that are made otherwise here',
    'tables.ff16.logWalshSha256': 'of transforms that are made otherwise here',
    'tables.ff16.fftSkewFirst16': 'of transforms that are made otherwise here',
    'tables.ff16.logWalshFirst16': 'of transforms that are made otherwise here',
  },
}

/** Logarithms and their inverses, which decide what all else is. */
function* checkTables({ ff8, ff16 }: Tables): Generator<CaseResult> {
  const [small, large] = [field(8), field(16)]
  const bytes = (table: Uint16Array): string => hexOf(Uint8Array.from(table))
  const hashed = (table: Uint16Array): string => sha256(new Uint8Array(table.slice().buffer))
  if (given(ff8?.logLUT)) yield compare('tables.ff8.logLUT', bytes(small.log), ff8.logLUT)
  if (given(ff8?.expLUT)) yield compare('tables.ff8.expLUT', bytes(small.exp.subarray(0, 256)), ff8.expLUT)
  if (given(ff16?.logLUTSha256)) yield compare('tables.ff16.logLUT', hashed(large.log), ff16.logLUTSha256)
  if (given(ff16?.expLUTSha256)) {
    yield compare('tables.ff16.expLUT', hashed(large.exp.subarray(0, 65_536)), ff16.expLUTSha256)
  }
  if (given(ff16?.logLUTFirst16)) {
    yield compare('tables.ff16.logLUTFirst16', [...large.log.subarray(0, 16)], ff16.logLUTFirst16)
  }
}

function vectorsOf(document: unknown): readonly Partial<LeopardVector>[] {
  const { vectors } = (document ?? {}) as { vectors?: unknown }
  return Array.isArray(vectors) ? (vectors as Partial<LeopardVector>[]) : []
}

function* checkVector(vector: LeopardVector): Generator<CaseResult> {
  const { id, k, m, path, dataSha256, dataShard0First16, parityHex, paritySha256, decode = [] } = vector
  const data = Array.from({ length: k }, (_, shard) => dataShard(vector, shard))
  if (dataSha256 !== undefined) yield compare(`${id} data`, sha256(Buffer.concat(data)), dataSha256)
  if (given(dataShard0First16)) {
    yield compare(`${id} first shard`, hexOf(data[0]!.subarray(0, 16)), dataShard0First16)
  }
  if (given(path)) yield attempt(`${id} path`, () => compare(`${id} path`, codeOf(k, m).path, path))
  if (!given(parityHex) && !given(paritySha256)) {
    yield { name: `${id} parity`, unchecked: 'it does not say what the parity is' }
  }
  const referenceBytes = Math.floor(REFERENCE_WORK / (k * m) / 64) * 64
  const usable = referenceBytes === 0 ? tiers.filter((tier) => tier.name !== 'reference') : tiers
  if (referenceBytes === 0) {
    const unchecked = 'too long for the slow implementation; the two fast ones are checked'
    yield { name: `${id} on the reference`, unchecked, onPurpose: true }
  }
  let parity: Uint8Array[] = []
  yield onTiers(usable, `${id} parity`, (name, tier) => {
    if (tier.name === 'reference' && vector.shardBytes > referenceBytes) {
      // Of shards this long it makes the beginning, which the fast ones have made as well.
      const start = (shard: Uint8Array): Uint8Array => shard.subarray(0, referenceBytes)
      return compare(name, tier.encode(data.map(start), m).map(sha256), parity.map(start).map(sha256))
    }
    parity = tier.encode(data, m)
    return compare(
      name,
      [parityHex && parity.map(hexOf), paritySha256 && parity.map(sha256), parity.length],
      [parityHex, paritySha256, m],
    )
  })
  for (const [index, one] of decode.entries()) {
    yield onTiers(usable, `${id} decode[${index}]`, (name, tier) =>
      checkDecode(name, tier, data, parity, one),
    )
  }
}

/** One case on several implementations; the first that fails says so. */
function onTiers(
  usable: readonly Tier[],
  name: string,
  check: (name: string, tier: Tier) => CaseResult,
): CaseResult {
  for (const tier of usable) {
    const { failure } = attempt(name, () => check(name, tier))
    if (failure !== undefined) return { name, failure: `${tier.name}: ${failure}` }
  }
  return { name }
}

function checkDecode(
  name: string,
  tier: Tier,
  data: readonly Uint8Array[],
  parity: readonly Uint8Array[],
  { missingData, missingParity, result, recoveredEqualsOriginal }: DecodeCase,
): CaseResult {
  const bytes = tier.name === 'reference' ? REFERENCE_BYTES : undefined
  const shards = {
    data: data.map((shard, index) => (missingData.includes(index) ? undefined : shard.subarray(0, bytes))),
    parity: parity.map((shard, index) =>
      missingParity.includes(index) ? undefined : shard.subarray(0, bytes),
    ),
  }
  try {
    const recovered = tier.recover(shards)
    const isOriginal = recovered.every(
      (shard, index) => Buffer.compare(shard, data[index]!.subarray(0, bytes)) === 0,
    )
    return compare(name, [0, isOriginal], [result, recoveredEqualsOriginal ?? true])
  } catch (error) {
    if (!(error instanceof LeopardNotEnoughShardsError)) throw error
    return compare(name, -1, result)
  }
}

/** The data that the file describes under `generator`. */
function dataShard({ seed, shardBytes }: LeopardVector, shard: number): Uint8Array {
  const start = Math.imul(seed, 0x9e3779b1) + Math.imul(shard, 0x85ebca6b)
  const bytes = new Uint8Array(shardBytes)
  for (let i = 0; i < shardBytes; i++) {
    let x = (start + Math.imul(i, 0xc2b2ae35)) | 0
    x ^= x >>> 16
    x = Math.imul(x, 0x7feb352d)
    bytes[i] = x ^ (x >>> 15)
  }
  return bytes
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
