import { readFileSync } from 'node:fs'

/** One row of `vectors/leopard-vectors.json`: a real run of the C++ library. */
export interface LeopardVector {
  readonly id: string
  readonly k: number
  readonly m: number
  readonly shardBytes: number
  readonly seed: number
  readonly path: string
  readonly dataSha256: string
  readonly parityHex?: readonly string[]
  readonly paritySha256: readonly string[]
  readonly decode: readonly {
    readonly missingData: readonly number[]
    readonly missingParity: readonly number[]
    /** 0, or −1 when too few shards are left. */
    readonly result: number
  }[]
}

interface LeopardVectors {
  readonly tables: {
    readonly ff8: { readonly logLUT: string; readonly expLUT: string; readonly fftSkewLog255: string }
    readonly ff16: {
      readonly logLUTSha256: string
      readonly expLUTSha256: string
      readonly fftSkewLog65535Sha256: string
    }
  }
  readonly vectors: readonly LeopardVector[]
}

export const { tables, vectors } = JSON.parse(
  readFileSync(new URL('./vectors/leopard-vectors.json', import.meta.url), 'utf8'),
) as LeopardVectors

/** Data shards as the vectors define them. */
export function dataShards({ k, shardBytes, seed }: LeopardVector): Uint8Array[] {
  return Array.from({ length: k }, (_, shard) => {
    const bytes = new Uint8Array(shardBytes)
    const start = Math.imul(seed, 0x9e3779b1) + Math.imul(shard, 0x85ebca6b)
    for (let i = 0; i < shardBytes; i++) {
      let x = (start + Math.imul(i, 0xc2b2ae35)) | 0
      x ^= x >>> 16
      x = Math.imul(x, 0x7feb352d)
      bytes[i] = x ^ (x >>> 15)
    }
    return bytes
  })
}

/** The shards but those of the given indices. */
export function without(
  shards: readonly Uint8Array[],
  missing: readonly number[],
): (Uint8Array | undefined)[] {
  const holes = new Set(missing)
  return shards.map((shard, index) => (holes.has(index) ? undefined : shard))
}
