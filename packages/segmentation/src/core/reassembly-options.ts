import type { Entry } from '@reliable-channels/store'
import type { SegmentDialect } from './dialect.ts'
import type { HasherFactory } from './hasher.ts'
import type { SetName } from './reassembly-output.ts'

/** Options of {@link createReassemblyStage}. */
export interface ReassemblyStageOptions {
  /** `raw` takes every frame for a whole message. All else recognises the dialects by itself. @default 'current' */
  dialect?: SegmentDialect
  /** Longest content of one segment, in bytes. @limit A longer one is rejected (`oversized`). @default 153_600 */
  maxSegmentBytes?: number
  /**
   * How long an incomplete set waits for its next segment, in ms.
   * @limit The set is dropped (`expired`).
   * @default 300_000
   */
  timeoutMs?: number
  /** Incomplete sets. @limit The least recently continued one of the busiest sender is dropped. @default 100 */
  maxSets?: number
  /**
   * Content of incomplete sets, in bytes.
   * @limit The least recently continued set of the busiest sender is dropped.
   * @default 33_554_432
   */
  maxBufferedBytes?: number
  /**
   * Incomplete sets of one known sender.
   * @limit The least recently continued one of that sender is dropped.
   * @default 50
   */
  maxSetsPerSender?: number
  /**
   * Content of incomplete sets of one known sender, in bytes.
   * @limit The least recently continued set of that sender is dropped.
   * @default 29_360_128
   */
  maxBufferedBytesPerSender?: number
  /**
   * Complete messages remembered, so that what comes after completion delivers nothing again; but for those that came in one
   * segment with an id.
   * @limit The oldest is forgotten. Where frames tell where they stand (`lamport`), parity and late segments of its sender
   * that stand before the next message, and could make it once more, are refused (`completed`); else they do.
   * @default 1_000
   */
  maxCompleted?: number
  /**
   * Messages that SDS names as those before each; see {@link ParkedSegment}. Not more than the senders name.
   * @default 2
   */
  causalHistoryLength?: number
  /**
   * Segments of sets that were put aside, of which the ids are kept.
   * @limit The message that is least recently continued, of the sender who has most of them, is `lost`.
   * @default 16_384
   */
  maxShelvedSegments?: number
  /**
   * Length of all incomplete messages together, in bytes, that a history can hold: what finds no room in
   * `maxBufferedBytes` is put together from there.
   * @limit Segments of a further message are refused, where that is asked (`no-room`), until there is room; those of one
   * that is longer for good (`cache-full`). One sender has seven eighths of it, unless for a single message.
   * @default maxBufferedBytes
   */
  maxRecalledBytes?: number
  /**
   * Asked when a set has waited for `timeoutMs`: `true`, and it goes on waiting, because segments of it are parked, missing
   * or asked for. Those that were offered as parked need not be asked about. It must change nothing.
   */
  isAwaited?: (set: SetName) => boolean
  /** Computes the hash that names a payload. @default Keccak-256 of `@reliable-channels/keccak` */
  hasher?: HasherFactory
  /** Entries that a former stage stored, in any order. */
  restore?: Iterable<Entry>
  /**
   * The time, in ms, at which the stage is made: incomplete sets of `restore` wait from then on anew, because what was
   * sent to a process that did not run may still come. Without it the time between counts as waited.
   */
  restoredAt?: number
  /**
   * In [0, 1), made up anew each time: tells its entries in the store from those of another one that was opened on it at
   * once, so that neither writes over the other's.
   * @default none: entries are numbered from 0
   */
  writer?: number
  /** Told of each entry of `restore` that could not be read; it is ignored. */
  onCorrupt?: (key: string, reason: string) => void
  /** Whether steps carry changes. Without, nothing survives a restart and nothing is copied for it. @default true */
  persistent?: boolean
}
