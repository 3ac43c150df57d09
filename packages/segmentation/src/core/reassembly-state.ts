import type { EntryNumbers } from '@reliable-channels/stage/core'
import { CompletedHorizons } from './completed-horizons.ts'
import { CompletedMessages } from './completed-messages.ts'
import { type HasherFactory, defaultHasher } from './hasher.ts'
import { Jobs } from './jobs.ts'
import { ParkedSegments } from './parked-segments.ts'
import { placeLimits } from './place-limits.ts'
import { SetPlaces } from './places.ts'
import { Queue } from './queue.ts'
import { ReassemblyLedger } from './reassembly-ledger.ts'
import { type ReassemblyLimits, reassemblyLimits } from './reassembly-limits.ts'
import type { ReassemblyStageOptions } from './reassembly-options.ts'
import type { SetName } from './reassembly-output.ts'
import { SetPool } from './set-pool.ts'
import { Shelf } from './shelf.ts'

/** What reassembly knows, part by part. Steps act on it. */
export interface ReassemblyState {
  /** Each frame is a message. */
  readonly raw: boolean
  readonly limits: ReassemblyLimits
  readonly newHasher: HasherFactory
  readonly isAwaited: (set: SetName) => boolean
  /** Room for incomplete messages, by their whole length. */
  readonly places: SetPlaces
  /** Incomplete messages, with their segments. */
  readonly pool: SetPool
  /** Incomplete messages whose segments are in the history of SDS, by their ids. */
  readonly shelf: Shelf
  /** Segments that SDS has parked. */
  readonly parked: ParkedSegments
  /** Messages that wait for a place. */
  readonly queue: Queue
  /** What takes more than one turn. */
  readonly jobs: Jobs
  readonly completed: CompletedMessages
  /** Where the memory of complete messages ends. */
  readonly horizons: CompletedHorizons
  /** What the present step puts out and stores. */
  readonly ledger: ReassemblyLedger
  /** The lane of the present segment. */
  lane: { readonly lane?: object }
}

/** The state before anything came. @throws `SegmentationOptionError` */
export function newState(options: ReassemblyStageOptions, numbers: EntryNumbers): ReassemblyState {
  const limits = reassemblyLimits(options)
  const { maxShelvedSegments, maxBufferedBytes, maxSets, timeoutMs } = limits
  const places = new SetPlaces(placeLimits(limits))
  return {
    raw: options.dialect === 'raw',
    limits,
    newHasher: options.hasher ?? defaultHasher,
    isAwaited: options.isAwaited ?? (() => false),
    places,
    pool: new SetPool(limits, places),
    shelf: new Shelf(maxShelvedSegments),
    parked: new ParkedSegments(maxBufferedBytes, places),
    queue: new Queue(places, maxShelvedSegments || maxSets, 2 * timeoutMs),
    jobs: new Jobs(),
    completed: new CompletedMessages(limits.maxCompleted),
    horizons: new CompletedHorizons(),
    ledger: new ReassemblyLedger(options.persistent ?? true, numbers),
    lane: {},
  }
}
