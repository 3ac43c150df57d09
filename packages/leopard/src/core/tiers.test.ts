import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finish } from '../../test/tiers.ts'
import { codeOf } from './code.ts'
import { paritySteps } from './encode.ts'
import { typeScriptEngine, type EngineOf } from './engines.ts'
import { STRIP_BYTES } from './layout.ts'
import { locatorSteps } from './locator.ts'
import { recoverySteps } from './recover.ts'
import { referenceEncodeParity, referenceRecoverData } from './reference.ts'
import { survey, type ShardSet } from './shards.ts'
import { syndromeSteps } from './syndromes.ts'
import { wasmEngine } from './wasm-engine.ts'

const wasm = { 8: wasmEngine(8)!, 16: wasmEngine(16)! }
const strict = { 8: wasmEngine(8, false)!, 16: wasmEngine(16, false)! }
const engines: [string, EngineOf][] = [
  ['WebAssembly', (bits) => wasm[bits]],
  ['WebAssembly without relaxed SIMD', (bits) => strict[bits]],
  ['fast TypeScript', typeScriptEngine],
]

interface Case {
  readonly data: Uint8Array[]
  readonly parityCount: number
  /** Which shards of all are lost, as many as the code can bear or fewer. */
  readonly lost: readonly number[]
}

/** Codes of up to 300 shards: all paths and both fields. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    counts: fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
      fc.tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 20 })),
      fc.tuple(fc.integer({ min: 190, max: 260 }), fc.integer({ min: 1, max: 40 })),
    ),
    blocks: fc.integer({ min: 1, max: 3 }),
    seed: fc.integer(),
    losses: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ counts: [k, m], blocks, seed, losses }) => {
    const random = generator(seed)
    const parityCount = Math.min(k, m)
    const data = Array.from({ length: k }, () => randomShard(random, 64 * blocks))
    const order = Array.from({ length: k + parityCount }, (_, i) => i)
    for (let i = order.length - 1; i > 0; i--) {
      const other = random(i + 1)
      ;[order[i], order[other]] = [order[other]!, order[i]!]
    }
    return { data, parityCount, lost: order.slice(0, Math.round(losses * parityCount)) }
  })

function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x9e3779b9) | 0
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return ((x ^ (x >>> 15)) >>> 0) % below
  }
}

function randomShard(random: (below: number) => number, length: number): Uint8Array {
  const words = new Uint32Array(length / 4)
  for (let i = 0; i < words.length; i++) words[i] = random(2 ** 32)
  return new Uint8Array(words.buffer)
}

function shardSet(
  data: readonly Uint8Array[],
  parity: readonly Uint8Array[],
  lost: readonly number[],
): ShardSet {
  const holes = new Set(lost)
  return {
    data: data.map((shard, i) => (holes.has(i) ? undefined : shard)),
    parity: parity.map((shard, i) => (holes.has(data.length + i) ? undefined : shard)),
  }
}

/** As `toEqual`, which takes long for so many bytes. */
function expectEqual(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(actual).toHaveLength(expected.length)
  const wrong = actual.findIndex((shard, i) => Buffer.compare(shard, expected[i]!) !== 0)
  expect(wrong, `shard ${wrong} of ${expected.length} differs`).toBe(-1)
}

describe.each(engines)('%s', (_, engineOf) => {
  it('makes the parity of the reference', () => {
    fc.assert(
      fc.property(cases, ({ data, parityCount }) => {
        expectEqual(
          finish(paritySteps(engineOf, data, parityCount)),
          referenceEncodeParity(data, parityCount),
        )
      }),
      { numRuns: 60 },
    )
  })

  // RSP-06
  it('recovers the data after any loss that the code can bear, as the reference does', () => {
    fc.assert(
      fc.property(cases, ({ data, parityCount, lost }) => {
        const parity = finish(paritySteps(engineOf, data, parityCount))
        const shards = shardSet(data, parity, lost)
        expectEqual(finish(recoverySteps(engineOf, shards)), data)
        if (data.length < 100) expectEqual(referenceRecoverData(shards), data)
      }),
      { numRuns: 60 },
    )
  })

  it('recovers the same by solving equations and by the error locator', () => {
    fc.assert(
      fc.property(cases, ({ data, parityCount, lost }) => {
        const { path } = codeOf(data.length, parityCount)
        fc.pre(path === 'ff8' || path === 'ff16')
        const engine = engineOf(path === 'ff8' ? 8 : 16)
        const shards = shardSet(data, finish(paritySteps(engineOf, data, parityCount)), lost)
        const found = survey(shards)
        for (const steps of [syndromeSteps, locatorSteps]) {
          const recovered = new Map(found.missing.map((index) => [index, new Uint8Array(found.length)]))
          finish(steps(engine, shards, found, recovered))
          for (const [index, shard] of recovered) expect(shard).toEqual(data[index])
        }
      }),
      { numRuns: 60 },
    )
  })

  it('works through shards of several strips, the last one shorter', () => {
    const random = generator(5)
    for (const [k, m] of [
      [3, 1],
      [3, 2],
      [20, 5],
      [40, 16],
      [250, 8],
    ] as const) {
      const data = Array.from({ length: k }, () => randomShard(random, 2 * STRIP_BYTES.wasm + 64))
      const parity = finish(paritySteps(engineOf, data, m))
      const lost = Array.from({ length: m }, (_shard, i) => i)
      expectEqual(finish(recoverySteps(engineOf, shardSet(data, parity, lost))), data)
      const tail = data.map((shard) => shard.subarray(-64))
      expect(
        parity.map((shard) => shard.slice(-64)),
        `${k} + ${m}`,
      ).toEqual(referenceEncodeParity(tail, m))
    }
  })

  it('keeps computations apart that take turns', () => {
    const random = generator(6)
    const make = (k: number): Uint8Array[] =>
      Array.from({ length: k }, () => randomShard(random, STRIP_BYTES.wasm + 64))
    const jobs = [
      [10, 3],
      [5, 2],
      [6, 1],
      [33, 20],
    ].map(([k, m]) => ({ data: make(k!), m: m! }))
    const open = jobs.map(({ data, m }) => paritySteps(engineOf, data, m))
    const results: (Uint8Array[] | undefined)[] = jobs.map(() => undefined)
    while (results.includes(undefined)) {
      open.forEach((steps, i) => {
        if (results[i] !== undefined) return
        const step = steps.next()
        if (step.done) results[i] = step.value
      })
    }
    jobs.forEach(({ data, m }, i) => expectEqual(results[i]!, finish(paritySteps(engineOf, data, m))))
  })
})

describe('codes of many thousand shards', () => {
  it.each([
    ['WebAssembly', 63_488, 1100, engines[0]![1]],
    ['WebAssembly', 32_768, 32_768, engines[0]![1]],
    ['fast TypeScript', 3000, 1000, engines[2]![1]],
  ] as const)('%s recovers %i shards from as many, %i of them parity', (_name, k, m, engineOf) => {
    const random = generator(7)
    const data = Array.from({ length: k }, () => randomShard(random, 64))
    const parity = finish(paritySteps(engineOf, data, m))
    const lost = Array.from({ length: m }, (_shard, i) => (i * 7919) % k)
    const recovered = finish(recoverySteps(engineOf, shardSet(data, parity, lost)))
    expectEqual(recovered, data)
    expect(new Set(lost).size).toBe(m)
    expect(wasm[16].reserve(0).length).toBeLessThan(13 * 1024 * 1024)
  })
})
