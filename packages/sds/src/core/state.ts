import type { Frame } from '@reliable-channels/stage'
import { EntryNumbers, SparseSet } from '@reliable-channels/stage/core'
import type { RejectReason, SdsEvent } from './event.ts'
import { type BloomParameters, bloomBytes, bloomParameters } from './filter/bloom.ts'
import { RollingFilter } from './filter/rolling-filter.ts'
import { ContentStore } from './history/content-store.ts'
import { History } from './history/history.ts'
import type { SdsOptions } from './options.ts'
import type { Settings } from './settings.ts'
import { Acknowledgements } from './parts/acknowledgements.ts'
import { Allowance } from './parts/allowance.ts'
import { Arrivals } from './parts/arrivals.ts'
import { Clock } from './parts/clock.ts'
import { Copies } from './parts/copies.ts'
import { DueHeap } from './parts/due-heap.ts'
import { Followed } from './parts/followed.ts'
import { GivenUp } from './parts/given-up.ts'
import { Group } from './parts/group.ts'
import { Horizons } from './parts/horizons.ts'
import type { Journal } from './parts/journal.ts'
import { Lifetime } from './parts/lifetime.ts'
import { LifeNotes, type NoteLife } from './parts/life-notes.ts'
import { MetIds } from './parts/met-ids.ts'
import type { OutgoingMessage } from './parts/outgoing-message.ts'
import { Outputs } from './parts/outputs.ts'
import { Owed } from './parts/owed.ts'
import { OwnLog } from './parts/own-log.ts'
import { HeardMembers } from './parts/heard-members.ts'
import type { GiveUp } from './parts/missing-message.ts'
import { MissingMessages } from './parts/missing-messages.ts'
import { ParkedMessages } from './parts/parked.ts'
import { Probes } from './parts/probes.ts'
import { Reminders } from './parts/reminders.ts'
import { RepairRequests } from './parts/repair-requests.ts'
import { type Answer, Repairs } from './parts/repairs.ts'
import { type Remind, Retransmissions } from './parts/retransmissions.ts'
import { RoundTrips } from './parts/round-trips.ts'
import { Said, type Unsay } from './parts/said.ts'
import { Search, type SearchAgain } from './parts/search.ts'
import { type PeriodicSync, Silence } from './parts/silence.ts'
import { type SyncDue, SyncPlan } from './parts/sync-plan.ts'
import { Turns } from './parts/turns.ts'
import { Unacknowledged } from './parts/unacknowledged.ts'
import { Unreleased } from './parts/unreleased.ts'
import { Waivers } from './parts/waivers.ts'
import { settingsOf } from './defaults.ts'
import type { HorizonKind } from './store/stored-keys.ts'

/** Work that falls due at a time. */
export type Work =
  | OutgoingMessage
  | Remind
  | Unsay
  | GiveUp
  | Answer
  | SyncDue
  | PeriodicSync
  | NoteLife
  | SearchAgain

/** All that a participant knows: its parts, and what the present step wants done. */
export interface SdsState {
  readonly settings: Settings
  readonly baseFilter: BloomParameters

  readonly clock: Clock
  readonly group: Group
  readonly roundTrips: RoundTrips
  readonly arrivals: Arrivals
  readonly silence: Silence

  readonly contents: ContentStore
  readonly history: History
  readonly filter: RollingFilter
  readonly unacknowledged: Unacknowledged
  readonly unreleased: Unreleased
  /** Own messages that had left, and that damage to the store has taken. */
  readonly leftBefore: SparseSet<string>
  readonly copies: Copies
  readonly retransmissions: Retransmissions
  readonly said: Said
  readonly givenUp: GivenUp
  readonly ownLog: OwnLog
  readonly probes: Probes
  readonly allowance: Allowance
  readonly missing: MissingMessages
  readonly parked: ParkedMessages
  readonly met: MetIds
  readonly search: Search
  /** Where the memory of messages ends. */
  readonly horizons: Readonly<Record<HorizonKind, Horizons>>
  readonly acknowledgements: Acknowledgements
  readonly followed: Followed
  readonly reminders: Reminders
  readonly waivers: Waivers
  /** Of the messages that a newcomer heard first, those that it had no room for. */
  readonly refusedFirst: SparseSet<string>

  /** Delivered messages that nobody is known to have acknowledged. */
  readonly owed: Owed
  readonly turns: Turns
  readonly syncPlan: SyncPlan

  readonly timers: DueHeap<Work>
  readonly repairRequests: RepairRequests
  readonly repairs: Repairs

  readonly heardMembers: HeardMembers
  readonly lifetime: Lifetime
  readonly lifeNotes: LifeNotes
  readonly outputs: Outputs
  /** Names entries, in the store and out of it. */
  readonly numbers: EntryNumbers
  /** None where nothing is stored. */
  readonly journal: Journal | undefined
}

/** The methods that a part of the state may have. */
interface Part {
  /** The clock was moved by so much: all times that are kept move with it. */
  shift?(ms: number): void
  /** Throws unless its invariants hold; see `evaluate` in `stage.ts`. */
  check?(): void
}

/** All that the state is made of. */
export const partsOf = (state: SdsState): readonly Part[] =>
  Object.values(state).filter((part) => part !== undefined) as Part[]

/** A participant that knows nothing yet. */
export function createState(options: SdsOptions, journal?: Journal): SdsState {
  const settings = settingsOf(options)
  const { bloomCapacity, bloomErrorRate, dialect, maxMet } = settings
  const baseFilter = bloomParameters(bloomCapacity, bloomErrorRate)
  const timers = new DueHeap<Work>()
  const group = new Group(settings)
  // The number of an entry that is never stored needs no writer, and shorter numbers take less memory.
  const numbers = new EntryNumbers(journal && settings.writer)
  const lifetime = new Lifetime()
  const owed = new Owed(settings.possibleAcknowledgementThreshold)
  const roundTrips = new RoundTrips(settings.ackSyncMinMs)
  const arrivals = new Arrivals(settings.losses)
  const probes = new Probes(settings.maxRetransmissions)
  const copies = new Copies(settings, roundTrips)
  const reminders = new Reminders(settings)
  const retransmissions = new Retransmissions(settings, timers, roundTrips, arrivals, probes, group)
  const repairRequests = new RepairRequests(settings, group, roundTrips)
  const horizon = new Horizons(settings)
  const missing = new MissingMessages(settings, timers, horizon)
  const parked = new ParkedMessages(settings, missing)
  const turns = new Turns(settings, group, owed, arrivals, missing, parked, repairRequests)
  return {
    settings,
    baseFilter,
    clock: new Clock(settings),
    group,
    roundTrips,
    arrivals,
    silence: new Silence(settings, group, arrivals, timers),
    contents: new ContentStore(settings.contents === 'shared'),
    history: new History(settings.hashKey),
    filter: new RollingFilter(dialect, bloomCapacity, bloomErrorRate),
    unacknowledged: new Unacknowledged(settings, baseFilter.bits, copies, retransmissions),
    unreleased: new Unreleased(),
    leftBefore: new SparseSet(),
    copies,
    retransmissions,
    said: new Said(timers),
    givenUp: new GivenUp(),
    ownLog: new OwnLog(),
    probes,
    allowance: new Allowance(bloomBytes(baseFilter.bits)),
    missing,
    parked,
    met: new MetIds(maxMet),
    search: new Search(settings, timers),
    horizons: { horizon, passed: new Horizons(settings), 'made-up': new Horizons(settings) },
    acknowledgements: new Acknowledgements(reminders),
    followed: new Followed(settings.possibleAcknowledgementThreshold),
    reminders,
    waivers: new Waivers(),
    refusedFirst: new SparseSet(),
    owed,
    turns,
    syncPlan: new SyncPlan(settings, timers, turns, owed, repairRequests, arrivals),
    timers,
    repairRequests,
    repairs: new Repairs(settings, timers, lifetime, numbers, journal),
    heardMembers: new HeardMembers(),
    lifetime,
    lifeNotes: new LifeNotes(timers, lifetime),
    outputs: new Outputs(),
    numbers,
    journal,
  }
}

/** Reports an event. */
export function report(state: SdsState, event: SdsEvent): void {
  state.outputs.report(event)
}

/** Reports that a frame is dropped, or not wrapped. */
export function reject(state: SdsState, frame: Frame, reason: RejectReason, detail: string): void {
  report(state, { type: 'rejected', reason, detail, frame })
}
