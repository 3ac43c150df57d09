import { NO_STEP, type Stage, type Step } from '@reliable-channels/stage/core'
import type { SdsRecords } from './sds-records.ts'
import { healthOf } from './parts/outputs.ts'
import { deliverReady } from './steps/deliver.ts'
import { follow } from './steps/follow.ts'
import { giveUp } from './steps/met.ts'
import { waive } from './steps/waive.ts'
import type { SdsHealth } from './event.ts'
import type { LogName } from './history/log-entry.ts'
import type { MissingMessage } from './parts/missing-message.ts'
import type { SdsInput, SdsOutput } from './input.ts'
import { msOfLamport } from './wire/lamport-ms.ts'
import type { HistoryEntry } from './wire/message.ts'
import { sayLastWord } from './steps/last-word.ts'
import type { SdsOptions } from './options.ts'
import { receive } from './steps/receive.ts'
import { respond } from './steps/respond.ts'
import { dispatchEnded, encode, withdrawn } from './steps/own-frame.ts'
import { takeBack } from './steps/take-back.ts'
import { remind } from './steps/remind.ts'
import { unsay } from './steps/dispatch-ended.ts'
import { retransmit } from './steps/retransmit.ts'
import { sendAgain } from './steps/send-again.ts'
import { searchAgain } from './steps/search.ts'
import { disown, want } from './steps/want.ts'
import { wrap } from './steps/wrap.ts'
import { isTight } from './settings.ts'
import { type SdsState, createState, partsOf, report } from './state.ts'
import { isFarAhead, isFullAhead } from './steps/again.ts'
import { addMet, forgetEntry, forgetGivenUp, storeLife, storeEntry } from './steps/store.ts'
import { dueSync, periodicSync } from './steps/sync.ts'

/** Own messages that nobody has acknowledged yet. */
export interface OutgoingUsage {
  readonly messages: number
  /** Of their contents. */
  readonly bytes: number
  /** The limits of both: beyond them nothing is wrapped. */
  readonly maxOutgoing: number
  readonly maxOutgoingBytes: number
}

/** One participant of one SDS channel as a pure state machine. */
export interface SdsStage extends Stage<SdsInput, SdsOutput> {
  /** How complete the log is. */
  health(): SdsHealth
  /** How many own messages are unacknowledged, and how many may be. */
  outgoing(): OutgoingUsage
  /** Whether an own message is still to be acknowledged: it will be sent again, or given up. */
  isUnacknowledged(messageId: string): boolean
  /** Who is known to have an own message, if it is remembered. */
  acknowledgedBy(messageId: string): readonly string[]
  /** The messages that are missing: not received, and waited for. */
  missing(): HistoryEntry[]
  /** The content of a message in the history; `undefined` where it is not there, or without content by now. */
  contentOf(messageId: string): Uint8Array<ArrayBuffer> | undefined
  /** Other participants, as far as they were heard. */
  members(): MemberHeard[]
  /** The `count` messages of the history before one, or the newest, oldest first. */
  log(before: string | undefined, count: number): LogMessage[]
}

/** Another participant, by what was heard of him. */
export interface MemberHeard {
  readonly senderId: string
  /** When he last said something, ms since 1970: content or a sync message, by its timestamp. */
  readonly lastHeardAt: number
  /** Whether his last word asked for messages that he lacks, or he waits for what he asked for. */
  readonly isBehind: boolean
}

/** A message of the history. */
export interface LogMessage {
  readonly messageId: string
  readonly senderId: string
  /** About when it was sent, ms since 1970, by its Lamport timestamp. */
  readonly sentAboutAt: number
  /** A copy; `undefined` when it was dropped for lack of room. */
  readonly content: Uint8Array<ArrayBuffer> | undefined
}

/**
 * Makes the state machine of an SDS participant. LIP-109.
 *
 * @param records - what an earlier one of the same participant stored, and how this one stores more; without it there are
 *   no changes to store
 * @throws {@link SdsOptionError}
 *
 * @example
 * const fleeting = createSdsStage({ participantId: 'alice', channelId: 'log', random: Math.random })
 *
 * @example
 * import { sdsRecords } from '@reliable-channels/sds/records'
 * const kept = createSdsStage({ participantId: 'alice', channelId: 'log', random: Math.random }, sdsRecords(entries))
 */
export function createSdsStage(options: SdsOptions, records?: SdsRecords): SdsStage {
  const state = createState(options, records?.journal)
  return stageOf(state, records?.restore(state))
}

/** The stage of a participant with a state. @param goOn Starts what was restored, at the first step. */
export const stageOf = (state: SdsState, goOn?: (now: number) => void): SdsStage =>
  new ParticipantStage(state, goOn)

/** A class and not functions around variables: a process has thousands, and what they hold counts. */
class ParticipantStage implements SdsStage {
  readonly #state: SdsState
  readonly #goOn: ((now: number) => void) | undefined

  constructor(state: SdsState, goOn: ((now: number) => void) | undefined) {
    // Fields of the machine, and not of the state.
    // oxlint-disable-next-line reliable-channels/owned
    this.#state = state
    // oxlint-disable-next-line reliable-channels/owned
    this.#goOn = goOn
  }

  handle(input: SdsInput, now: number): Step<SdsOutput> {
    const state = this.#state
    begin(state, now, this.#goOn)
    const { next } = state.timers
    // After a sleep timers are as good as ever.
    if (input.type !== 'suspended') state.turns.noteInput(next, now)
    // Work that is due is done first: its timer may be held up for long (a tab in the background).
    if (next !== undefined && next <= now && input.type !== 'suspended') work(state, now)
    handle(state, input, now)
    return evaluate(state, now)
  }

  tick(now: number): Step<SdsOutput> {
    const state = this.#state
    begin(state, now, this.#goOn)
    state.turns.noteTick(state.timers.next, now)
    work(state, now)
    return evaluate(state, now)
  }

  deadline(): number | undefined {
    const { lifetime, timers, repairRequests, parked } = this.#state
    if (!lifetime.isActive) return undefined
    // There is work left of the last step.
    if (parked.isReady) return lifetime.now
    const { next } = timers
    const request = repairRequests.next
    return next === undefined || (request !== undefined && request < next) ? request : next
  }

  health(): SdsHealth {
    const { parked, missing, met } = this.#state
    return healthOf(missing.count, met.lostCount, parked.size)
  }

  outgoing(): OutgoingUsage {
    const { unacknowledged, settings } = this.#state
    const { maxOutgoing, maxOutgoingBytes } = settings
    return { messages: unacknowledged.size, bytes: unacknowledged.bytes, maxOutgoing, maxOutgoingBytes }
  }

  isUnacknowledged(messageId: string): boolean {
    return this.#state.unacknowledged.get(messageId) !== undefined
  }

  acknowledgedBy(messageId: string): readonly string[] {
    return this.#state.acknowledgements.of(messageId)
  }

  missing(): HistoryEntry[] {
    return this.#state.missing.absent()
  }

  contentOf(messageId: string): Uint8Array<ArrayBuffer> | undefined {
    const content = this.#state.history.get(messageId)?.content
    return content && this.#state.contents.give(content)
  }

  members(): MemberHeard[] {
    const { heardMembers, repairs } = this.#state
    return Array.from(heardMembers.entries(), ([senderId, { at, asks }]) => ({
      senderId,
      lastHeardAt: at,
      isBehind: asks || repairs.isAwaitedBy(senderId),
    }))
  }

  log(before: string | undefined, count: number): LogMessage[] {
    return this.#state.history.before(before, count).map(({ messageId, senderId, lamport, content }) => ({
      messageId,
      senderId,
      sentAboutAt: msOfLamport(lamport),
      content: content && new Uint8Array(content),
    }))
  }
}

/** After a sleep, what was missed has come within so long, ms. */
const CATCHING_UP_MS = 5_000

/** Begins a step. The first one starts what was restored. */
function begin(state: SdsState, now: number, goOn: ((now: number) => void) | undefined): void {
  const backMs = state.lifetime.step(now)
  // All that waits still waits as long as it did.
  const { lifetime, settings } = state
  if (backMs > 0) {
    for (const part of partsOf(state)) part.shift?.(-backMs)
    // When it joined is another time by the clock as it is now.
    if (lifetime.isNewcomer) storeLife(state)
  }
  if (!lifetime.begin(now, settings.maxFutureSkewMs)) return
  // Stored though nothing was heard yet: what is sent while it is away must not count as from before its time.
  if (lifetime.hasJoinedNow) storeLife(state)
  state.silence.begin(now)
  goOn?.(now)
  // Work that fell due while nothing ran is due now: no timer was late.
  state.timers.putOffOverdue(now, now)
  state.silence.plan()
}

function handle(state: SdsState, input: SdsInput, now: number): void {
  switch (input.type) {
    case 'start':
      return
    case 'wrap':
      return wrap(state, input, now)
    case 'receive':
      return receive(state, input, now)
    case 'encode':
      return encode(state, input, now)
    case 'withdrawn':
      return withdrawn(state, input.frame, now)
    case 'dispatch-ended':
      return dispatchEnded(state, input, now)
    case 'waive':
      return waive(state, input.messages, input.dependents)
    case 'follow':
      return follow(state, input.messages, now)
    case 'send-again':
      return sendAgain(state, input.messageIds, input.by, now)
    case 'want':
      return want(state, input.messages, now)
    case 'disown':
      return disown(state, input.messageIds)
    case 'abandon':
      // It is the caller's answer, and no state.
      // oxlint-disable-next-line reliable-channels/owned
      if (input.answer.open) input.answer.taken = takeBack(state, input.messageIds)
      return
    case 'last-word':
      return sayLastWord(state, now)
    case 'suspended': {
      // Overdue work waits until the messages that were missed have come; the rest keeps its time.
      const due = now + CATCHING_UP_MS
      state.timers.putOffOverdue(now, due)
      state.repairRequests.putOffOverdue(now, due)
      return
    }
  }
}

/** Does what has fallen due. */
function work(state: SdsState, now: number): void {
  const lost: MissingMessage[] = []
  let isSearchDue = false
  for (let due; (due = state.timers.takeDue(now)) !== undefined;) {
    switch (due.type) {
      case 'retransmit':
        retransmit(state, due, now)
        break
      case 'remind':
        remind(state, now)
        break
      case 'unsay':
        unsay(state, due.message)
        break
      case 'give-up':
        lost.push(due.missing)
        break
      case 'respond':
        respond(state, due.messageId, now)
        break
      case 'sync':
        dueSync(state, now)
        break
      case 'search-again':
        isSearchDue = true
        break
      case 'note-life':
        storeLife(state)
        break
      case 'periodic-sync':
        periodicSync(state, now)
        break
    }
  }
  state.repairRequests.collect(now)
  if (lost.length > 0) giveUp(state, lost, now)
  if (isSearchDue) searchAgain(state, now)
}

/**
 * Brings everything in order after an input or a tick. What holds afterwards:
 *
 * 1. Nothing is parked whose dependencies are met, but what the next turn has time for; each message is delivered once, after all that it depends on.
 * 2. What is delivered is in the history, in order; nothing parked, waived, lost or forgotten is.
 * 3. Each missing message waits to be asked for, was asked for and will be again, or is parked itself.
 * 4. Each unacknowledged message has a copy on its way or a timer, never both.
 * 5. A sync message has a time at which it is due only if there is something to acknowledge or to ask for that none on its
 *    way says, nor one that waits to be encoded will say, or if what was said last is to be repeated; and always if there
 *    is something to ask for. To acknowledge may be left to others.
 * 6. Every buffer is within its limit.
 *
 * `check-state.ts` checks that in tests.
 */
function evaluate(state: SdsState, now: number): Step<SdsOutput> {
  deliverReady(state)
  keepLimits(state, now)
  state.repairRequests.fill(now)
  state.repairRequests.collect(now)
  if (state.parked.size === 0 && !isTight(state.settings)) state.syncPlan.dropFilterNews()
  state.syncPlan.update(now)
  // Due already where no timer would come in time.
  if (state.syncPlan.isDue(now)) {
    dueSync(state, now)
    state.syncPlan.update(now)
  }
  const { unacknowledged, missing, repairs } = state
  const waits = unacknowledged.size > 0 || missing.count > 0 || repairs.isAnswering
  state.lifeNotes.update(waits && state.journal !== undefined, now)
  state.outputs.show(missing.count, state.met.lostCount, state.parked.size)
  const { outputs, journal } = state
  const hasChanges = journal?.isEmpty === false
  if (outputs.isEmpty && !hasChanges) return NO_STEP
  return { outputs: outputs.take(), changes: hasChanges ? journal.take() : NO_STEP.changes }
}

function keepLimits(state: SdsState, now: number): void {
  const { history, settings, unacknowledged } = state
  while (history.size > settings.maxHistory) {
    // An entry far ahead of the clock goes first: others must not go for it, nor count as older than what was forgotten.
    const [newest] = history.last(1)
    const goesFirst = isFarAhead(state, newest!.lamport, now) && !isFullAhead(state)
    const entry = goesFirst ? history.remove(newest!.messageId)! : history.forgetOldest()
    const { lamport, senderId } = entry
    addMet(state, entry.messageId, goesFirst ? 'ahead' : 'forgotten', undefined, { lamport, senderId })
    state.owed.delete(entry.messageId)
    forgetGivenUp(state, entry.messageId)
    if (unacknowledged.get(entry.messageId) === undefined) forgetEntry(state, entry)
    report(state, { type: 'limit', limit: 'maxHistory', messageId: entry.messageId })
  }
  // Others may lack what is one's own, and ask its author first.
  const isNeeded = ({ messageId, senderId }: LogName): boolean =>
    senderId === settings.participantId || settings.needs?.(messageId) === true
  while (history.bytes > settings.maxHistoryBytes) {
    const entry = history.dropOldestContent(isNeeded)!
    if (unacknowledged.get(entry.messageId) === undefined) storeEntry(state, entry)
    report(state, { type: 'limit', limit: 'maxHistoryBytes', messageId: entry.messageId })
  }
}
