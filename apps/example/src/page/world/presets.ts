import { DEFAULT_SETTINGS, type PeerName, type Settings } from './settings.ts'

/** Something that a preset lets happen, so many ms after it began. */
export type Happening = { readonly atMs: number } & (
  | { readonly type: 'offline' | 'online'; readonly peer: PeerName }
  | { readonly type: 'partition'; readonly peer: PeerName | 'nobody' }
  | { readonly type: 'photo'; readonly peer: PeerName }
)

/** A situation to look at. */
export interface Preset {
  readonly id: string
  readonly title: string
  /** What to look for, in a sentence. */
  readonly story: string
  readonly settings: Settings
  readonly happenings: readonly Happening[]
}

const calm = { loss: 0, latencyMs: 60, jitterMs: 0, duplicate: 0, reorder: 0 }

function preset(
  id: string,
  title: string,
  story: string,
  settings: Partial<Settings>,
  happenings: readonly Happening[] = [],
): Preset {
  return { id, title, story, settings: { ...DEFAULT_SETTINGS, ...settings }, happenings }
}

export const PRESETS: readonly Preset[] = [
  preset(
    'bad-wifi',
    'Bad Wi-Fi',
    'Three of ten copies are lost, some come twice or late. Yet everybody ends with the same conversation.',
    {},
  ),
  preset('clean', 'Clean', 'A network as one wishes it: nothing is lost or sent twice.', calm),
  preset(
    'tunnel',
    'Train tunnel',
    'Carol rides through three tunnels of eight seconds. After each she asks for what she missed.',
    { ...calm, loss: 0.1 },
    [0, 1, 2].flatMap((round): Happening[] => [
      { atMs: 7_000 + round * 16_000, type: 'partition', peer: 'carol' },
      { atMs: 15_000 + round * 16_000, type: 'partition', peer: 'nobody' },
    ]),
  ),
  preset(
    'quota',
    'Tiny quota',
    'Ten messages in ten seconds for each peer. What does not fit waits; acknowledgements ride along.',
    { ...calm, loss: 0.1, quota: 10, chatter: 1 },
  ),
  preset('wrong-key', 'Wrong key', 'Carol has another key. She cannot read what comes, and is told so.', {
    ...calm,
    wrongKey: 'carol',
  }),
  preset(
    'returns',
    'Offline peer returns',
    'Bob leaves after seven seconds, for ten. Back again, he gets what he missed, in order.',
    { ...calm, loss: 0.1 },
    [
      { atMs: 7_000, type: 'offline', peer: 'bob' },
      { atMs: 17_000, type: 'online', peer: 'bob' },
    ],
  ),
  preset(
    'photo',
    '2 MB photo',
    'Alice sends a photo in 32 KiB segments, one spare for every five. Spares rebuild what is lost.',
    { ...calm, loss: 0.1, jitterMs: 60, parityRate: 0.2, segmentSizeBytes: 32_768 },
    [{ atMs: 6_500, type: 'photo', peer: 'alice' }],
  ),
]
