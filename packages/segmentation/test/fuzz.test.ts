import { keccak256 } from '@reliable-channels/keccak'
import { hexOf } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import { type ReassemblyOutput, type Segment, decodeSegment, encodeSegment } from '../src/core.ts'
import { StageOnBench, bytesOf, split } from './stage-on-bench.ts'
import { optionsOf, payloadOf, wireVectors } from './wire-vectors.ts'

const INPUTS = 200_000
const MAX_BYTES = 200_000
const MAX_SETS = 50

/** A seeded source of numbers below a bound. */
function source(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const boundaries = [0, 1, 2, 127, 128, 129, 255, 256, 257, 2 ** 16, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]

/** Vectors and segments of our own, all of them short. */
const seeds: readonly Uint8Array[] = [
  ...wireVectors.vectors
    .filter(({ payloadBytes, segments }) => segments !== undefined && payloadBytes <= 2_000)
    .flatMap((vector) => split(payloadOf(vector.payloadBytes), optionsOf(vector))),
  ...[0, 1, 500, 900].flatMap((length) => split(bytesOf(length), { dialect: 'lip-243', parityRate: 0.5 })),
  ...split(bytesOf(64 * 40), { segmentSizeBytes: 192, parityRate: 1 }),
]

type Mutation = (bytes: Uint8Array, below: (bound: number) => number) => Uint8Array

const withFields =
  (change: (below: (bound: number) => number) => Partial<Segment>): Mutation =>
  (bytes, below) =>
    encodeSegment({ ...decodeSegment(bytes)!, ...change(below) })

const mutations: readonly Mutation[] = [
  (bytes) => bytes,
  (bytes, below) => bytes.subarray(0, below(bytes.length + 1)),
  (bytes, below) => {
    const at = below(bytes.length)
    return bytes.length === 0 ? bytes : bytes.with(at, bytes[at]! ^ (1 << below(8)))
  },
  (_, below) => Uint8Array.from({ length: below(80) }, () => below(256)),
  // Behind the hash, where the numbers are.
  (bytes, below) => bytes.with(34 + below(Math.min(12, bytes.length - 34)), below(256)),
  (bytes, below) => {
    const at = below(bytes.length)
    return Uint8Array.from([
      ...bytes.subarray(0, at),
      255,
      255,
      255,
      255,
      255,
      255,
      255,
      255,
      127,
      ...bytes.subarray(at),
    ])
  },
  withFields((below) => ({ index: boundaries[below(boundaries.length)]! })),
  withFields((below) => ({ dataCount: boundaries[below(boundaries.length)]! })),
  withFields((below) => ({ parityCount: boundaries[below(boundaries.length)]! })),
  withFields((below) => ({ lengthBytes: boundaries[below(boundaries.length)]! })),
  withFields((below) => ({ isParity: below(2) === 0, content: new Uint8Array(64 * below(4)) })),
  withFields((below) => ({ hash: new Uint8Array(30 + below(4)).fill(below(256)) })),
]

describe('hostile input', () => {
  it(`of ${INPUTS} kinds never throws, always has a reason, and keeps memory below the limits`, () => {
    const seed = 20_261
    const below = source(seed)
    const bench = new StageOnBench({
      maxBufferedBytes: MAX_BYTES,
      maxSets: MAX_SETS,
      maxCompleted: 20,
      timeoutMs: 60_000,
    })
    const senders = [undefined, 'alice', 'bob', 'carol']
    const seen = new Map<string, number>()
    for (let i = 0; i < INPUTS; i++) {
      const mutate = mutations[below(mutations.length)]!
      const payload = mutate(seeds[below(seeds.length)]!, below)
      bench.outputs.length = 0
      bench.now += below(100)
      const at = `input ${i} of seed ${seed}: ${Buffer.from(payload).toString('hex')}`
      let outputs: ReassemblyOutput[]
      try {
        bench.pass(below(50))
        bench.outputs.length = 0
        outputs = bench.feed({ payload, senderId: senders[below(senders.length)] })
      } catch (error) {
        throw new Error(at, { cause: error })
      }
      if (outputs.length === 0) expect.fail(`${at}: nothing came out`)
      const { sets, bufferedBytes } = bench.stage.stats()
      if (sets > MAX_SETS || bufferedBytes > MAX_BYTES)
        expect.fail(`${at}: ${sets} sets, ${bufferedBytes} bytes`)
      for (const output of outputs) {
        if (output.type === 'message' && hexOf(keccak256(output.payload)) !== output.message.payloadHash) {
          expect.fail(`${at}: delivered what is not the payload`)
        }
        const what = 'reason' in output ? output.reason : output.type
        seen.set(what, (seen.get(what) ?? 0) + 1)
      }
    }
    expect([...seen.keys()].sort()).toEqual(
      [
        ...['completed', 'conflict', 'count-mismatch', 'duplicate', 'evicted', 'hash-mismatch', 'invalid'],
        ...['message', 'progress', 'undecodable'],
      ].sort(),
    )
    // Only stored sets remain, and they go when their time has come.
    bench.pass(1_000_000)
    expect(bench.stage.stats()).toMatchObject({ sets: 0, bufferedBytes: 0 })
    expect(bench.stored.size).toBe(bench.stage.stats().completed)
  })
})
