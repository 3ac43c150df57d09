import type { Frame } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import type { RejectReason, SdsEvent, SdsHealth } from './event.ts'
import { type BloomParameters, bloomParameters } from './filter/bloom.ts'
import { RollingFilter } from './filter/rolling-filter.ts'
import { ContentStore } from './history/content-store.ts'
import { History } from './history/history.ts'
import { hashKeyOf } from './history/keyed-hash.ts'
import type { LogEntry } from './history/log-entry.ts'
import type { SdsOutput } from './input.ts'
import type { SdsOptions, Settings } from './options.ts'
import { Acknowledgements } from './parts/acknowledgements.ts'
import { Clock } from './parts/clock.ts'
import { DueHeap } from './parts/due-heap.ts'
import { Group } from './parts/group.ts'
import { MetIds } from './parts/met-ids.ts'
import { Owed } from './parts/owed.ts'
import { type GiveUp, ParkedMessages } from './parts/parked.ts'
import { RepairRequests } from './parts/repair-requests.ts'
import { type Answer, Repairs } from './parts/repairs.ts'
import { type PeriodicSync, Silence } from './parts/silence.ts'
import { type SyncDue, SyncPlan } from './parts/sync-plan.ts'
import { type OutgoingMessage, Unacknowledged, type Unsay } from './parts/unacknowledged.ts'
import { Waivers } from './parts/waivers.ts'
import { settingsOf } from './settings.ts'

/** What falls due. */
export type Work = OutgoingMessage | Unsay | GiveUp | Answer | SyncDue | PeriodicSync

/** All that a participant knows: its parts, and what the present step wants done. */
export interface SdsState {
  readonly settings: Settings
  readonly baseFilter: BloomParameters

  readonly clock: Clock
  readonly group: Group
  readonly silence: Silence
  /** Names the next stored entry. */
  sequence: number

  readonly contents: ContentStore
  readonly history: History
  readonly filter: RollingFilter
  readonly unacknowledged: Unacknowledged
  readonly parked: ParkedMessages
  readonly met: MetIds
  readonly acknowledgements: Acknowledgements
  readonly waivers: Waivers

  /** Delivered messages that nobody is known to have acknowledged. */
  readonly owed: Owed
  readonly syncPlan: SyncPlan

  readonly timers: DueHeap<Work>
  readonly repairRequests: RepairRequests
  readonly repairs: Repairs

  started: boolean
  /** It has said its last word. */
  saidLastWord: boolean
  /** The time of the last step. */
  lastNow: number
  /** Restored messages that were parked. */
  restoredParked: LogEntry[]
  outputs: SdsOutput[]
  changes: Change[]
  shownHealth: SdsHealth
}

/** A participant that knows nothing yet. */
export function createState(options: SdsOptions): SdsState {
  const settings = settingsOf(options)
  const { bloomCapacity, bloomErrorRate, dialect, maxMet } = settings
  const baseFilter = bloomParameters(bloomCapacity, bloomErrorRate)
  const timers = new DueHeap<Work>()
  const group = new Group(settings)
  const owed = new Owed(settings.possibleAcknowledgementThreshold)
  const repairRequests = new RepairRequests(settings)
  return {
    settings,
    baseFilter,
    clock: new Clock(settings),
    group,
    silence: new Silence(settings, group, timers),
    sequence: 0,
    contents: new ContentStore(),
    history: new History(hashKeyOf(settings.hashKey)),
    filter: new RollingFilter(dialect, bloomCapacity, bloomErrorRate),
    unacknowledged: new Unacknowledged(settings, baseFilter.bits, timers),
    parked: new ParkedMessages(settings, timers),
    met: new MetIds(maxMet),
    acknowledgements: new Acknowledgements(),
    waivers: new Waivers(),
    owed,
    syncPlan: new SyncPlan(settings, timers, group, owed, repairRequests),
    timers,
    repairRequests,
    repairs: new Repairs(settings, timers),
    started: false,
    saidLastWord: false,
    lastNow: -Infinity,
    restoredParked: [],
    outputs: [],
    changes: [],
    shownHealth: { state: 'synced', missing: 0, lost: 0 },
  }
}

/** Reports an event. */
export function report(state: SdsState, event: SdsEvent): void {
  state.outputs.push({ type: 'event', event })
}

/** Reports that a frame is dropped, or not wrapped. */
export function reject(state: SdsState, frame: Frame, reason: RejectReason, detail: string): void {
  report(state, { type: 'rejected', reason, detail, frame })
}

/** How complete the log is. */
export function healthOf({ parked, met }: SdsState): SdsHealth {
  const missing = parked.missingCount
  return { state: missing > 0 ? 'missing' : 'synced', missing, lost: met.lostCount }
}
