import { createKeccak256, implementation as keccakImplementation, keccak256 } from '@reliable-channels/keccak'
import {
  encodeParity,
  implementation as leopardImplementation,
  recoverData,
} from '@reliable-channels/leopard'

/** Which kernels ran in one environment, and what they made. */
export interface KernelResults {
  readonly keccak: 'wasm' | 'typescript'
  readonly leopard: 'wasm' | 'typescript'
  /** How many kernels run: Keccak's, and one for each field. */
  readonly instances: number
  /** Hashes, as hex, of what the functions returned. */
  readonly hashes: Readonly<Record<string, string>>
}

declare global {
  var kernelResults: KernelResults
}

/** Runs every path of the two packages on fixed input. */
export function runKernels(): KernelResults {
  let instances = 0
  const { Instance } = WebAssembly
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, operands: ConstructorParameters<typeof Instance>) {
      instances++
      return new target(...operands)
    },
  })
  const hashes: Record<string, string> = {}
  for (const length of [0, 100, 136, 100_000]) hashes[`keccak ${length}`] = hex(keccak256(bytes(length, 1)))
  const hasher = createKeccak256()
  for (let i = 0; i < 50; i++) hasher.update(bytes(i * 7, i))
  hashes['keccak, streaming'] = hex(hasher.clone().digest())

  for (const [k, m] of [
    [1, 1],
    [8, 1],
    [32, 4],
    [33, 5],
    [100, 13],
    [128, 128],
    [227, 29],
  ] as const) {
    const data = Array.from({ length: k }, (_, i) => bytes(4160, i))
    const parity = encodeParity(data, m)
    const recovered = recoverData({ data: data.map((shard, i) => (i < m ? undefined : shard)), parity })
    hashes[`leopard ${k} + ${m}`] = hashOf(parity)
    hashes[`leopard ${k} + ${m}, data`] = hashOf(data)
    hashes[`leopard ${k} + ${m}, recovered`] = hashOf(recovered)
  }
  return { keccak: keccakImplementation(), leopard: leopardImplementation(), instances, hashes }
}

function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from(
    { length },
    (_, i) => (Math.imul(i + 1, 0x9e3779b1 ^ (seed * 0x85ebca6b)) >>> 13) & 0xff,
  )
}

function hashOf(shards: readonly Uint8Array[]): string {
  const hasher = createKeccak256()
  for (const shard of shards) hasher.update(shard)
  return hex(hasher.digest())
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

globalThis.kernelResults = runKernels()
