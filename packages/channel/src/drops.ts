import type { Strays } from './opening/message-router.ts'

/** Why something was dropped or refused. */
export type DropReason =
  /** A message of the content topic without the profile's marker: of something else than a reliable channel. */
  | 'foreign-marker'
  /** A message of another content topic, which no channel of the node listens to. */
  | 'foreign-topic'
  /** A message of another channel on the same content topic. */
  | 'foreign-channel'
  /** A message that came while the application held more than it may: as if the network had lost it. */
  | 'inbox-full'
  /** A message that the cipher could not open. */
  | 'undecryptable'
  /** A message that nobody had listened for when too many waited. */
  | 'unheard'
  /** Bytes that are no SDS message. */
  | 'sds-undecodable'
  /** An SDS message without timestamp and content, with an empty or overlong id, or larger than allowed. */
  | 'sds-malformed'
  /** An SDS message whose Lamport timestamp is too far ahead. */
  | 'sds-future-lamport'
  /** An SDS message so old that what came of its sender then is forgotten: it may be a duplicate. */
  | 'sds-older-than-history'
  /** An SDS message that waits for others, with no room to park it. */
  | 'sds-incoming-full'
  /** An own message that SDS did not wrap: there was no content, or no room. */
  | 'sds-empty-content'
  | 'sds-outgoing-full'
  /** Bytes that are no segment. */
  | 'segment-undecodable'
  /** A segment whose numbers are out of bounds or contradict each other. */
  | 'segment-invalid'
  | 'segment-oversized'
  /** A segment that is held already, or of a message that is whole: no fault. */
  | 'segment-duplicate'
  | 'segment-completed'
  /** A segment that contradicts those that came before it. */
  | 'segment-count-mismatch'
  | 'segment-conflict'
  /** A segment whose message alone exceeds a limit of reassembly. */
  | 'segment-cache-full'
  /** A segment of a message that there was no room for: it is asked for once there is. */
  | 'segment-no-room'
  /** An incomplete message that waited too long for its next segment. */
  | 'segment-expired'
  /** An incomplete message that made room for others. */
  | 'segment-evicted'
  /** A message whose segments do not make the payload that they promise. */
  | 'segment-hash-mismatch'
  /** A message that may be done without, sent when the quota was approached. */
  | 'quota-approached'
  /** An optional frame that waited too long in the rate limit, or had no room there. */
  | 'rate-limit-expired'
  | 'rate-limit-refused'

/** How often something was dropped or refused, by reason; reasons that never applied stand at 0. */
export type Drops = Readonly<Record<DropReason, number>>

/** Counts what is dropped. */
export interface DropCounters {
  add(reason: DropReason): void
  /** A copy of the counts. */
  snapshot(): Drops
}

/** @param strays What the node has turned away for the channel, too. */
export function createDropCounters(strays: () => Strays): DropCounters {
  const counts: Record<DropReason, number> = {
    'foreign-marker': 0,
    'foreign-topic': 0,
    'foreign-channel': 0,
    'inbox-full': 0,
    undecryptable: 0,
    unheard: 0,
    'sds-undecodable': 0,
    'sds-malformed': 0,
    'sds-future-lamport': 0,
    'sds-older-than-history': 0,
    'sds-incoming-full': 0,
    'sds-empty-content': 0,
    'sds-outgoing-full': 0,
    'segment-undecodable': 0,
    'segment-invalid': 0,
    'segment-oversized': 0,
    'segment-duplicate': 0,
    'segment-completed': 0,
    'segment-count-mismatch': 0,
    'segment-conflict': 0,
    'segment-cache-full': 0,
    'segment-no-room': 0,
    'segment-expired': 0,
    'segment-evicted': 0,
    'segment-hash-mismatch': 0,
    'quota-approached': 0,
    'rate-limit-expired': 0,
    'rate-limit-refused': 0,
  }
  return {
    add: (reason) => void counts[reason]++,
    snapshot() {
      const { marked, unmarked } = strays()
      return {
        ...counts,
        'foreign-marker': counts['foreign-marker'] + unmarked,
        'foreign-topic': counts['foreign-topic'] + marked,
      }
    },
  }
}
