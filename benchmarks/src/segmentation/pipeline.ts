import { keccak256 } from '@reliable-channels/keccak'
import { createReassemblyStage, segmentPayload } from '@reliable-channels/segmentation/core'
import { type Row, judge } from '../document.ts'
import { compare, rate } from './compare.ts'

const PAYLOAD_BYTES = 10 * 2 ** 20
const PARITY_RATE = 0.125

/** Of the speed of the hash alone, which every message needs once on either side. */
const WANTED = 0.7

/** Payload to segments and back, beside Keccak-256 of the same payload alone. */
export function* pipelineRows(): Generator<Row> {
  const payload = new Uint8Array(PAYLOAD_BYTES)
  for (let i = 0; i < payload.length; i++) payload[i] = Math.imul(i + 1, 0x9e3779b1) >>> 17
  const segments = segmentPayload(payload, { parityRate: PARITY_RATE }).map((frame) => frame.payload)
  const { dataCount, parityCount } = segmentPayload(payload, { parityRate: PARITY_RATE })[0]!.segment
  const complete = segments.slice(0, dataCount)
  const needy = segments.slice(parityCount)
  for (const some of [complete, needy]) {
    if (Buffer.compare(receive(some), payload) !== 0) throw new Error('wrong payload')
  }

  let kept: unknown
  const target = new Uint8Array(PAYLOAD_BYTES)
  const ns = compare({
    hash: () => void (kept = keccak256(payload)),
    send: () => void (kept = segmentPayload(payload, { parityRate: PARITY_RATE })),
    complete: () => void (kept = receive(complete)),
    needy: () => void (kept = receive(needy)),
    stored: () => void (kept = receive(complete, true)),
    memcpy: () => target.set(payload),
  })
  if (kept === undefined) throw new Error('nothing was made')
  const row = (name: string, ours: number, atLeast?: number): Row =>
    judge({
      case: `${name}, 10 MiB, keccak-256 alone`,
      unit: 'MB/s',
      better: 'larger',
      ours: rate(PAYLOAD_BYTES, ours),
      theirs: rate(PAYLOAD_BYTES, ns.hash),
      ...(atLeast === undefined ? {} : { atLeast }),
      // Hashing once and copying once is the least that it takes.
      bound: ns.hash / (ns.hash + ns.memcpy),
    })
  yield row(`segment ${dataCount} + ${parityCount}`, ns.send, WANTED)
  yield row('reassemble, all data there', ns.complete, WANTED)
  yield row(`reassemble, ${parityCount} data segments lost`, ns.needy, WANTED)
  yield row('reassemble, all data there, with changes to store', ns.stored)
}

function receive(segments: readonly Uint8Array[], persistent = false): Uint8Array {
  const stage = createReassemblyStage({ persistent })
  for (const payload of segments) {
    let { outputs } = stage.handle({ type: 'segment', frame: { payload } }, 0)
    for (;;) {
      for (const output of outputs) if (output.type === 'message') return output.payload
      // A large message takes several turns.
      if ((stage.deadline() ?? Infinity) > 0) break
      outputs = stage.tick(0).outputs
    }
  }
  throw new Error('incomplete')
}
