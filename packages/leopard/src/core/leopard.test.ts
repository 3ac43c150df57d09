import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  encodeParity,
  encodeParitySteps,
  implementation,
  LeopardCountError,
  LeopardNotEnoughShardsError,
  LeopardShardError,
  recoverData,
  recoverDataSteps,
} from '../index.ts'

const shards = (count: number, length = 64): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new Uint8Array(length).fill(i + 1))

describe('encodeParity', () => {
  it('copies a single shard into an array of its own', () => {
    const data = shards(1)
    const parity = encodeParity(data, 1)
    expect(parity).toEqual(data)
    expect(parity[0]!.buffer).not.toBe(data[0]!.buffer)
  })

  it('adds up all shards when one parity shard is asked for', () => {
    expect(encodeParity(shards(3), 1)).toEqual([new Uint8Array(64).fill(1 ^ 2 ^ 3)])
  })

  it('takes bytes of any realm, and writes into them', () => {
    const foreign = (): Uint8Array<ArrayBuffer> =>
      runInNewContext('new Uint8Array(64).fill(7)') as Uint8Array<ArrayBuffer>
    const into = [foreign()]
    expect(encodeParity([foreign(), new Uint8Array(64).fill(1)], 1, { into })).toEqual(into)
    expect(Uint8Array.from(into[0]!)).toEqual(new Uint8Array(64).fill(6))
    const data = [undefined, new Uint8Array(64).fill(1)]
    expect(recoverData({ data, parity: into })[0]).toEqual(new Uint8Array(64).fill(7))
  })

  it('takes views into a larger buffer, at any offset', () => {
    const buffer = Uint8Array.from({ length: 1000 }, (_, i) => i & 255)
    const views = [buffer.subarray(1, 193), buffer.subarray(194, 386), buffer.subarray(387, 579)]
    expect(encodeParity(views, 2)).toEqual(
      encodeParity(
        views.map((view) => Uint8Array.from(view)),
        2,
      ),
    )
  })

  it('writes into arrays that it is given, views included, over what was there', () => {
    const wire = new Uint8Array(1000).fill(0xaa)
    for (const [k, m] of [
      [1, 1],
      [5, 1],
      [5, 3],
    ] as const) {
      const into = Array.from({ length: m }, (_, i) => wire.subarray(7 + 100 * i, 71 + 100 * i))
      const parity = encodeParity(shards(k), m, { into })
      expect(parity.every((shard, i) => shard === into[i])).toBe(true)
      expect(parity).toEqual(encodeParity(shards(k), m))
      expect([wire[6], wire[71]]).toEqual([0xaa, 0xaa])
    }
    expect(() => encodeParity(shards(5), 2, { into: [new Uint8Array(64)] })).toThrow(LeopardShardError)
    expect(() => encodeParity(shards(5), 1, { into: [new Uint8Array(128)] })).toThrow(
      '"into" expected 1 arrays of 64 bytes, got 1 of 128',
    )
    const numbers = Array.from({ length: 64 }, () => 0) as never
    expect(() => encodeParity(shards(5), 1, { into: [numbers] })).toThrow(
      new LeopardShardError('array 0 of "into" expected Uint8Array, got object'),
    )
  })

  it('refuses numbers that make no code', () => {
    for (const [k, m] of [
      [0, 1],
      [1, 0],
      [1, 2],
      [3, 4],
      [3, 1.5],
      [3, -1],
      [3, Number.NaN],
    ] as const) {
      expect(() => encodeParity(shards(k), m), `${k} + ${m}`).toThrow(LeopardCountError)
    }
  })

  it('takes as many shards as the field has room for, and no more', () => {
    const many = shards(65_532)
    expect(encodeParity(many, 3)).toHaveLength(3)
    expect(() => encodeParity([...many, ...many.slice(0, 1)], 3)).toThrow(
      'expected data shards plus parity shards rounded up to a power of two to be at most 65536, got 65533 + 4',
    )
  })

  it('refuses shards that are empty, no multiple of 64, unequal or no bytes', () => {
    expect(() => encodeParity(shards(3, 0), 2)).toThrow(LeopardShardError)
    expect(() => encodeParity(shards(3, 65), 2)).toThrow('positive multiple of 64 bytes, got 65')
    expect(() => encodeParity([...shards(3), new Uint8Array(128)], 2)).toThrow(
      'shard 3 expected 64 bytes like those before it, got 128',
    )
    expect(() => encodeParity([new Uint8Array(64), 'x' as never], 1)).toThrow('shard 1 expected Uint8Array')
    expect(() => encodeParity([new Uint8Array(64), undefined as never], 1)).toThrow(
      'shard 1 expected Uint8Array, got undefined',
    )
  })
})

describe('recoverData', () => {
  const data = shards(4, 128)
  const parity = encodeParity(data, 3)

  it('gives back the shards it was given, and new ones for the holes', () => {
    const recovered = recoverData({
      data: [data[0], undefined, data[2], data[3]],
      parity: [undefined, parity[1], undefined],
    })
    expect(recovered).toEqual(data)
    expect(recovered[0]).toBe(data[0])
  })

  it('has nothing to do when only parity is missing', () => {
    const recovered = recoverData({ data, parity: [undefined, undefined, undefined] })
    expect(recovered.every((shard, i) => shard === data[i])).toBe(true)
  })

  it('recovers the only data shard from its copy', () => {
    expect(recoverData({ data: [undefined], parity: [data[1]] })).toEqual([data[1]])
  })

  it('recovers from the sum of all', () => {
    const [sum] = encodeParity(data, 1)
    expect(recoverData({ data: [data[0], data[1], undefined, data[3]], parity: [sum] })).toEqual(data)
  })

  // RSP-07
  it('says how many shards are missing when they are too few', () => {
    const few = {
      data: [data[0], undefined, undefined, undefined],
      parity: [parity[0], undefined, parity[2]],
    }
    expect(() => recoverData(few)).toThrow(LeopardNotEnoughShardsError)
    expect(() => recoverData(few)).toThrow('expected any 4 of the shards, got 3; wait for 1 more')
    expect(() => recoverData({ data: [undefined, undefined], parity: [undefined] })).toThrow(
      LeopardNotEnoughShardsError,
    )
  })

  it('treats a hole of a sparse array as a missing shard', () => {
    const sparse: Uint8Array[] = []
    sparse[3] = data[3]!
    expect(recoverData({ data: sparse, parity })).toEqual(data)
  })

  it('refuses shards that do not fit together', () => {
    expect(() => recoverData({ data: [data[0], undefined], parity: [parity[0]!.subarray(64)] })).toThrow(
      LeopardShardError,
    )
    expect(() => recoverData({ data: [], parity: [] })).toThrow(LeopardCountError)
    expect(() => recoverData({ data: [data[0]], parity: [] })).toThrow(LeopardCountError)
  })
})

describe('the functions that work in steps', () => {
  const data = shards(8, 64 * 1024)

  it('yield about as often as asked and return what the others return', () => {
    const steps = encodeParitySteps(data, 2, { stepBytes: 100_000 })
    let yields = 0
    let step = steps.next()
    for (; !step.done; step = steps.next()) yields++
    expect(yields).toBeGreaterThanOrEqual(3)
    expect(yields).toBeLessThanOrEqual(6)
    expect(step.value).toEqual(encodeParity(data, 2))

    const recovery = recoverDataSteps({
      data: data.map((shard, i) => (i < 2 ? undefined : shard)),
      parity: step.value,
    })
    expect(recovery.next().done).toBe(true)
  })

  it('throw what the others throw, at the first step', () => {
    expect(() => encodeParitySteps(shards(3), 4).next()).toThrow(LeopardCountError)
    expect(() => recoverDataSteps({ data: [undefined], parity: [undefined] }).next()).toThrow(
      LeopardNotEnoughShardsError,
    )
  })
})

describe('the implementation', () => {
  beforeEach(() => vi.resetModules())
  afterEach(() => vi.unstubAllGlobals())

  it('is WebAssembly where it can be had', () => {
    expect(implementation()).toBe('wasm')
  })

  const refused = class {
    constructor() {
      throw new Error("Refused to compile WebAssembly: 'wasm-unsafe-eval' is not allowed")
    }
  }

  it.each([
    ['missing', undefined],
    ['forbidden, or without SIMD', { Module: refused }],
  ])('is TypeScript where it is %s, with the same bytes', async (_, stub) => {
    vi.stubGlobal('WebAssembly', stub)
    const fallen = await import('../index.ts')
    expect(fallen.implementation()).toBe('typescript')
    for (const [k, m] of [
      [1, 1],
      [3, 1],
      [10, 4],
      [250, 6],
    ] as const) {
      const data = shards(k, 192)
      const parity = fallen.encodeParity(data, m)
      expect(parity).toEqual(encodeParity(data, m))
      expect(fallen.recoverData({ data: [undefined, ...data.slice(1)], parity })).toEqual(data)
    }
  })
})
