import { inspectFrame } from '@reliable-channels/cli'
import { segmentPayload } from '@reliable-channels/segmentation/core'
import { type FuzzTarget, hold } from '../target.ts'
import { spokenMessages } from './spoken.ts'

const segments = segmentPayload(new Uint8Array(600), { segmentSizeBytes: 400, parityRate: 0.5 })

export const inspectTargets: readonly FuzzTarget[] = [
  {
    name: 'inspect',
    weight: 3,
    roundInputs: 2_000,
    // Each field is shown in words.
    perByte: 2_000,
    besides: 65_536,
    seeds: () => [
      ...spokenMessages('lip'),
      ...spokenMessages('nim'),
      ...segments.map(({ payload }) => payload),
      new TextEncoder().encode('hello'),
    ],
    open: () => ({
      take(input) {
        const { layers } = inspectFrame(input, { now: 1_795_000_000_000, channelId: 'channel' })
        hold(layers.length > 0, 'it says nothing')
        return layers
      },
    }),
  },
]
