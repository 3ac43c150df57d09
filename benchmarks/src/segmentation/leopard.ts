import { readFileSync } from 'node:fs'
import { ReedSolomonErasure } from '@digitaldefiance/reed-solomon-erasure.wasm'
import { encodeParity, recoverData } from '@reliable-channels/leopard'
import { tiers } from '../../../packages/leopard/test/tiers.ts'
import { type Row, judge } from '../document.ts'
import { compare, rate } from './compare.ts'

const SHARD_BYTES = 102_400

const [, typeScript] = tiers

/** The npm library: another code, byte for byte, of the same strength. */
const peer = ReedSolomonErasure.fromBytes(
  readFileSync(
    new URL(
      'reed_solomon_erasure_bg.wasm',
      import.meta.resolve('@digitaldefiance/reed-solomon-erasure.wasm'),
    ),
  ),
)

/** Encoding and decoding beside the npm library, on data that does not stay in the cache of the core. */
export function* leopardRows(): Generator<Row> {
  yield encodeRow(8, 1, {})
  yield encodeRow(32, 4, { atLeast: 20 })
  yield encodeRow(100, 13, { atLeast: 40 })
  yield encodeRow(227, 29, { oursAtLeast: 2000 })
  yield typeScriptRow(32, 4)
  yield decodeRow(8, 1, {})
  yield decodeRow(32, 4, { atLeast: 12 })
  yield decodeRow(100, 13, {})
  yield decodeRow(227, 29, {})
}

function encodeRow(k: number, m: number, target: { atLeast?: number; oursAtLeast?: number }): Row {
  const theirShards = new Uint8Array((k + m) * SHARD_BYTES)
  dataShards(k).forEach((shard, i) => theirShards.set(shard, i * SHARD_BYTES))
  // A sender has one payload, which it cuts into shards; so has the library.
  const payload = theirShards.slice(0, k * SHARD_BYTES)
  const data = Array.from({ length: k }, (_, i) => payload.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES))
  // The library writes its parity where room was made before; ours may do so too.
  const into = dataShards(m)
  const ns = compare({
    ours: () => keep(encodeParity(data, m, { into })),
    theirs: () => succeed(peer.encode(theirShards, k, m)),
    memcpy: copying(data),
  })
  return row(`encode ${k} + ${m}${k === 227 ? ', GF(2^16)' : ''}`, k, ns, target)
}

function decodeRow(k: number, m: number, target: { atLeast?: number }): Row {
  const data = dataShards(k)
  const parity = encodeParity(data, m)
  const shards = { data: data.map((shard, i) => (i < m ? undefined : shard)), parity }
  if (recoverData(shards).some((shard, i) => Buffer.compare(shard, data[i]!) !== 0))
    throw new Error('wrong data')

  const theirShards = new Uint8Array((k + m) * SHARD_BYTES)
  data.forEach((shard, i) => theirShards.set(shard, i * SHARD_BYTES))
  succeed(peer.encode(theirShards, k, m))
  const available = Array.from({ length: k + m }, (_, i) => i >= m)
  const ns = compare({
    ours: () => keep(recoverData(shards)),
    theirs: () => succeed(peer.reconstruct(theirShards, k, m, available)),
    memcpy: copying(data),
  })
  return row(`decode ${k} + ${m}, ${m} data shards lost`, k, ns, target)
}

function typeScriptRow(k: number, m: number): Row {
  const data = dataShards(k)
  const ns = compare({ ours: () => keep(typeScript.encode(data, m)) })
  return judge({
    case: `encode ${k} + ${m}, TypeScript`,
    unit: 'MB/s',
    better: 'larger',
    ours: rate(k * SHARD_BYTES, ns.ours),
    oursAtLeast: 500,
  })
}

function row(
  name: string,
  k: number,
  ns: Record<'ours' | 'theirs' | 'memcpy', number>,
  target: { atLeast?: number; oursAtLeast?: number },
): Row {
  const bytes = k * SHARD_BYTES
  const memcpy = rate(bytes, ns.memcpy)
  const theirs = rate(bytes, ns.theirs)
  return judge({
    case: name,
    unit: 'MB/s',
    better: 'larger',
    ours: rate(bytes, ns.ours),
    theirs,
    ...target,
    bound: target.oursAtLeast === undefined ? memcpy / theirs : memcpy,
  })
}

function dataShards(k: number): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: k }, (_, shard) => {
    const bytes = new Uint8Array(SHARD_BYTES)
    for (let i = 0; i < SHARD_BYTES; i++) bytes[i] = Math.imul(i + 1, 0x9e3779b1 + shard) >>> 17
    return bytes
  })
}

/** Reading all data once and writing it once: no encoder in JavaScript's memory can do less. */
function copying(data: readonly Uint8Array[]): () => void {
  const target = new Uint8Array(data.length * SHARD_BYTES)
  return () => data.forEach((shard, i) => target.set(shard, i * SHARD_BYTES))
}

let kept: readonly Uint8Array[] = []

function keep(shards: readonly Uint8Array[]): void {
  kept = shards
  if (kept.length === 0) throw new Error('nothing was made')
}

function succeed(result: number): void {
  if (result !== ReedSolomonErasure.RESULT_OK) throw new Error(`the library answered ${result}`)
}
