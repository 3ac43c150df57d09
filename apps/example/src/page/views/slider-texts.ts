import type { NumberSetting } from '../world/settings.ts'

/** A slider in words. */
export interface SliderText {
  readonly label: string
  /** The value as people say it. */
  readonly say: (value: number) => string
  /** What it does, in a few words. */
  readonly hint: string
}

const percent = (value: number): string => `${Math.round(value * 100)} %`
const milliseconds = (value: number): string => `${value} ms`

export const SLIDER_TEXTS: Readonly<Record<NumberSetting['name'], SliderText>> = {
  loss: { label: 'Loss', say: percent, hint: 'copies that never arrive, for each receiver' },
  latencyMs: { label: 'Latency', say: milliseconds, hint: 'time from peer to peer' },
  jitterMs: { label: 'Jitter', say: milliseconds, hint: 'up to this much more' },
  duplicate: { label: 'Duplication', say: percent, hint: 'copies that arrive twice' },
  reorder: { label: 'Reordering', say: percent, hint: 'copies that others overtake' },
  parityRate: { label: 'Parity', say: percent, hint: 'spare segments that rebuild lost ones' },
  quota: {
    label: 'Quota',
    say: (value) => (value === 0 ? 'none' : `${value} in 10 s`),
    hint: 'messages that each peer may send',
  },
  segmentSizeBytes: {
    label: 'Segment size',
    say: (value) => `${Math.round(value / 1024)} KiB`,
    hint: 'longer messages are cut into pieces',
  },
  chatter: {
    label: 'Chatter',
    say: (value) => (value === 0 ? 'silent' : `${value} a second`),
    hint: 'messages that the peers say by themselves',
  },
}
