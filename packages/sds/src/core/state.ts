import type { Frame } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import type { BloomParameters } from './filter/bloom.ts'
import { bloomParameters } from './filter/bloom.ts'
import { ContentStore } from './history/content-store.ts'
import { DueHeap } from './parts/due-heap.ts'
import type { RejectReason, SdsEvent, SdsHealth } from './event.ts'
import { History } from './history/history.ts'
import { ParkedMessages, type Parked, type Waiver } from './parts/parked.ts'
import type { HistoryEntry } from './wire/message.ts'
import type { SdsOutput } from './input.ts'
import type { Lamport } from './wire/lamport.ts'
import { hashKeyOf } from './history/keyed-hash.ts'
import type { LogEntry } from './history/log-entry.ts'
import { MetIds } from './parts/met-ids.ts'
import type { SdsOptions, Settings } from './options.ts'
import { settingsOf } from './settings.ts'
import { Unacknowledged } from './parts/unacknowledged.ts'
import { Owed } from './parts/owed.ts'
import { Clock } from './parts/clock.ts'
import { Group } from './parts/group.ts'
import { SyncPlan } from './parts/sync-plan.ts'
import { RepairRequests } from './parts/repair-requests.ts'
import { Repairs } from './parts/repairs.ts'
import { Silence } from './parts/silence.ts'
import { QueueMap } from './parts/queue-map.ts'
import { RollingFilter } from './filter/rolling-filter.ts'
import type { Work } from './parts/work.ts'

/** An own message, with what does not change until it is acknowledged. */
export interface OwnMessage {
  readonly messageId: string
  readonly lamport: Lamport
  readonly causalHistory: readonly HistoryEntry[]
  readonly content: Uint8Array
}

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
  /** Own content that is to be encoded when it leaves. */
  readonly unencoded: Map<string, OwnMessage>
  /** Own content that is not tracked, and so is encoded already, and has not left. */
  readonly untracked: Set<string>
  readonly parked: ParkedMessages
  /** Perhaps some of what is missing nothing waits for: sync messages alone have named it, or what waited was excused. */
  namedBySyncOnly: boolean
  /** Ids met without their message: waived, lost, forgotten. */
  readonly met: MetIds
  /** Ids of sync and ephemeral messages, own and seen. */
  readonly passing: MetIds
  /** Who has acknowledged own messages, the newest so many of them. */
  readonly acknowledgements: QueueMap<string, readonly string[]>
  /** What was waived for a parked message: id → waivers. */
  readonly waivers: Map<string, Waiver[]>
  /** Messages given up and not seen since. */
  readonly lost: Set<string>

  /** Delivered messages that nobody is known to have acknowledged. */
  readonly owed: Owed
  readonly syncPlan: SyncPlan
  /** The group that is being wrapped, and what its first message came after. */
  wrapGroup: { readonly name: string; readonly after: readonly HistoryEntry[] } | undefined

  readonly timers: DueHeap<Work>
  readonly repairRequests: RepairRequests
  readonly repairs: Repairs

  /** Whether dispatches are reported. */
  reported: boolean
  /** Counts own messages wrapped and not taken back, and those that another message may refer to. */
  wraps: number
  referredWraps: number

  started: boolean
  /** It has said its last word. */
  saidLastWord: boolean
  /** The time of the last step. */
  lastNow: number
  /** Restored messages that were parked. */
  restoredParked: LogEntry[]
  /** Messages whose dependencies have just been met. */
  ready: Parked[]
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
    unacknowledged: new Unacknowledged(dialect, baseFilter.bits),
    unencoded: new Map(),
    untracked: new Set(),
    parked: new ParkedMessages(),
    namedBySyncOnly: false,
    met: new MetIds(maxMet),
    passing: new MetIds(maxMet),
    acknowledgements: new QueueMap(),
    waivers: new Map(),
    lost: new Set(),
    owed,
    syncPlan: new SyncPlan(settings, timers, group, owed, repairRequests),
    wrapGroup: undefined,
    timers,
    repairRequests,
    repairs: new Repairs(settings, timers),
    reported: settings.dispatch === 'reported' || settings.encoding === 'at-release',
    wraps: 0,
    referredWraps: 0,
    started: false,
    saidLastWord: false,
    lastNow: -Infinity,
    restoredParked: [],
    ready: [],
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
export function healthOf({ parked, lost }: SdsState): SdsHealth {
  const missing = parked.missingCount
  return { state: missing > 0 ? 'missing' : 'synced', missing, lost: lost.size }
}
