import type { PeerName } from './settings.ts'

/** One line of the conversation that the page opens with. */
export interface Line {
  /** Time after the line before, ms. */
  readonly afterMs: number
  readonly peer: PeerName
  readonly text: string
  /** Instead, where nothing is lost. */
  readonly calm?: string
}

/** Tells a newcomer what is going on, while it goes on. */
export const SCRIPT: readonly Line[] = [
  { afterMs: 300, peer: 'alice', text: 'Morning! Can you both read this?' },
  {
    afterMs: 1_400,
    peer: 'bob',
    text: 'I can. My connection is terrible today, though.',
    calm: 'I can.',
  },
  {
    afterMs: 1_300,
    peer: 'carol',
    text: 'Mine too. And yet nothing is missing here.',
    calm: 'So can I.',
  },
  {
    afterMs: 1_800,
    peer: 'alice',
    text: 'Some of these were lost on the way. They came again.',
    calm: 'Now lose some of them: the slider is below.',
  },
  { afterMs: 1_700, peer: 'bob', text: 'Then how do they stay in order?' },
  {
    afterMs: 1_600,
    peer: 'carol',
    text: 'Each message names the ones before it. If one is missing, I ask for it.',
  },
  { afterMs: 1_900, peer: 'alice', text: 'And I only see “delivered” once one of you says you have it.' },
  { afterMs: 1_600, peer: 'bob', text: 'Take me offline and write something. I will catch up.' },
]

/** What the peers say afterwards, over and over. */
export const CHATTER: readonly string[] = [
  'Shall we meet at noon?',
  'Yes. Where?',
  'By the gate.',
  'Which gate?',
  'The north gate.',
  'Good.',
  'I will bring the maps.',
  'It may rain.',
  'I am on my way.',
  'So am I.',
]
