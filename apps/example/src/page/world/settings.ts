/** Who takes part. */
export const PEERS = ['alice', 'bob', 'carol'] as const

export type PeerName = (typeof PEERS)[number]

/** The name as it is shown. */
export const TITLES: Readonly<Record<PeerName, string>> = { alice: 'Alice', bob: 'Bob', carol: 'Carol' }

/** All that a visitor can set: the network, and documented options of the library. */
export interface Settings {
  /** Decides everything that is left to chance. */
  readonly seed: number
  /** Rate of loss on the way to each receiver, 0 to 1. */
  readonly loss: number
  readonly latencyMs: number
  readonly jitterMs: number
  readonly duplicate: number
  readonly reorder: number
  /** Who is cut off from the two others. */
  readonly partition: PeerName | 'nobody'
  /** `parityRate` of the channels. */
  readonly parityRate: number
  /** Messages that each peer may send in ten seconds; 0 switches the rate limit off. */
  readonly quota: number
  readonly segmentSizeBytes: number
  /** Who has another key than the others. */
  readonly wrongKey: PeerName | 'nobody'
  /** Messages a second that the peers say by themselves once their script is over. */
  readonly chatter: number
}

/** The epoch that `quota` counts in, ms. */
export const QUOTA_EPOCH_MS = 10_000

export const DEFAULT_SETTINGS: Settings = {
  seed: 7,
  loss: 0.3,
  latencyMs: 80,
  jitterMs: 60,
  duplicate: 0.05,
  reorder: 0.1,
  partition: 'nobody',
  parityRate: 0,
  quota: 0,
  segmentSizeBytes: 102_400,
  wrongKey: 'nobody',
  chatter: 0.5,
}

/** A setting that is a number, and its range. */
export interface NumberSetting {
  readonly name:
    | 'loss'
    | 'latencyMs'
    | 'jitterMs'
    | 'duplicate'
    | 'reorder'
    | 'parityRate'
    | 'quota'
    | 'segmentSizeBytes'
    | 'chatter'
  readonly min: number
  readonly max: number
  readonly step: number
}

export const NUMBER_SETTINGS: readonly NumberSetting[] = [
  { name: 'loss', min: 0, max: 0.8, step: 0.05 },
  { name: 'latencyMs', min: 0, max: 2_000, step: 20 },
  { name: 'jitterMs', min: 0, max: 2_000, step: 20 },
  { name: 'duplicate', min: 0, max: 0.8, step: 0.05 },
  { name: 'reorder', min: 0, max: 0.8, step: 0.05 },
  { name: 'parityRate', min: 0, max: 1, step: 0.1 },
  { name: 'quota', min: 0, max: 100, step: 5 },
  { name: 'segmentSizeBytes', min: 2_048, max: 133_120, step: 1_024 },
  { name: 'chatter', min: 0, max: 20, step: 0.5 },
]

/** The settings that a channel is opened with: another value needs it to be opened again. */
export function needsReopening(before: Settings, after: Settings): boolean {
  const names = ['parityRate', 'quota', 'segmentSizeBytes', 'wrongKey'] as const
  return names.some((name) => before[name] !== after[name])
}
