import { keccak256 } from '@reliable-channels/keccak'
import {
  type ReassemblyStage,
  createReassemblyStage,
  decodeSegment,
  encodeSegment,
  segmentPayload,
  validateSegment,
} from '@reliable-channels/segmentation/core'
import { hexOf } from '@reliable-channels/wire'
import { type FuzzTarget, hold } from '../target.ts'

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * i) >> 2)

function segments(): Uint8Array[] {
  const payloads = [0, 1, 500, 900, 2_000].map(bytesOf)
  const options = [
    { segmentSizeBytes: 400 },
    { segmentSizeBytes: 400, parityRate: 0.5 },
    { segmentSizeBytes: 400, dialect: 'lip-243', parityRate: 0.5 },
    { segmentSizeBytes: 192, parityRate: 1 },
  ] as const
  return options
    .flatMap((one) => payloads.flatMap((payload) => segmentPayload(payload, one)))
    .map(({ payload }) => payload)
}

const decoding: FuzzTarget = {
  name: 'segment',
  weight: 20,
  roundInputs: 10_000,
  perByte: 8,
  besides: 4_096,
  seeds: segments,
  open: () => ({
    take(input) {
      const segment = decodeSegment(input)
      if (segment === undefined) return undefined
      const flaw = validateSegment(segment, 102_400)
      const again = decodeSegment(encodeSegment(segment))
      if (flaw === undefined) hold(again !== undefined, 'what was read cannot be written and read again')
      return segment
    },
  }),
}

const LIMITS = { maxBufferedBytes: 200_000, maxSets: 50, maxCompleted: 20, timeoutMs: 60_000 } as const
const SENDERS = [undefined, 'alice', 'bob', 'carol']

/** All that it has, but for how often it has refused something. */
function kept(stage: ReassemblyStage): string {
  const { rejected: _, ...stats } = stage.stats()
  return JSON.stringify(stats)
}

const reassembling: FuzzTarget = {
  name: 'reassembly',
  weight: 12,
  roundInputs: 5_000,
  perByte: 64,
  // A payload is put together of what is buffered, several times where some of it contradicts.
  besides: 64 * LIMITS.maxBufferedBytes,
  seeds: segments,
  open(random) {
    const stage = createReassemblyStage(LIMITS)
    let now = 1_000_000
    return {
      take(payload) {
        now += Math.floor(random() * 100)
        while ((stage.deadline() ?? Infinity) <= now) stage.tick(now)
        const before = kept(stage)
        const senderId = SENDERS[Math.floor(random() * SENDERS.length)]
        const { outputs, changes } = stage.handle({ type: 'segment', frame: { payload, senderId } }, now)
        hold(outputs.length > 0, 'nothing came out')
        const { sets, bufferedBytes } = stage.stats()
        hold(
          sets <= LIMITS.maxSets && bufferedBytes <= LIMITS.maxBufferedBytes,
          `${sets} sets, ${bufferedBytes} bytes`,
        )
        const [first] = outputs
        if (first?.type === 'rejected' && (first.reason === 'undecodable' || first.reason === 'invalid')) {
          hold(changes.length === 0 && kept(stage) === before, 'a refused segment has changed something')
        }
        for (const output of outputs) {
          if (output.type !== 'message') continue
          hold(
            hexOf(keccak256(output.payload)) === output.message.payloadHash,
            'delivered what is not the payload',
          )
        }
        return undefined
      },
    }
  },
}

export const segmentTargets: readonly FuzzTarget[] = [decoding, reassembling]
