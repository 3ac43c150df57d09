import { keccak_256 } from '@noble/hashes/sha3.js'
import { keccak256 } from '@reliable-channels/keccak'
import { createKeccak } from 'hash-wasm'
import { type Row, judge } from '../document.ts'
import { compare, rate } from './compare.ts'

const SIZES = [
  { name: '100 B', bytes: 100, atLeast: 1 },
  { name: '100 KiB', bytes: 102_400 },
  { name: '1 MB', bytes: 1_000_000, atLeast: 1.3 },
]

/** Keccak-256 beside hash-wasm and @noble/hashes. */
export async function* keccakRows(): AsyncGenerator<Row> {
  const peer = await createKeccak(256)
  let kept: Uint8Array = new Uint8Array(0)
  for (const { name, bytes, atLeast } of SIZES) {
    const data = Uint8Array.from({ length: bytes }, (_, i) => (i * 31) & 255)
    const target = new Uint8Array(bytes)
    const ns = compare({
      ours: () => void (kept = keccak256(data)),
      hashWasm: () => void (kept = peer.init().update(data).digest('binary')),
      noble: () => void (kept = keccak_256(data)),
      memcpy: () => target.set(data),
    })
    if (kept.length !== 32) throw new Error('no hash was made')
    const row = (peerName: string, theirs: number, wanted?: number): Row =>
      judge({
        case: `keccak-256 of ${name}, ${peerName}`,
        unit: 'MB/s',
        better: 'larger',
        ours: rate(bytes, ns.ours),
        theirs: rate(bytes, theirs),
        ...(wanted === undefined ? {} : { atLeast: wanted }),
        bound: theirs / ns.memcpy,
      })
    yield row('hash-wasm', ns.hashWasm, atLeast)
    yield row('@noble/hashes', ns.noble)
  }
}
