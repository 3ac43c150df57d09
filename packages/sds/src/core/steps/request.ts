import type { MissingMessage } from '../parts/parked.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { requestDelayMs } from '../parts/repair-hash.ts'
import { type SdsState, report } from '../state.ts'

/*
 * Asking for missing messages (SDS-R). A missing message is in one of three places: `requests` until its T_req,
 * then `eligible` until it is asked for, and then in `requests` again with a new T_req, until it arrives or is given up.
 * What finds no room there waits in `unrequested`.
 */

/** Starts the wait after which a missing message is asked for. LIP-109, "Determine T_req". */
export function scheduleRequest(state: SdsState, missing: MissingMessage, now: number): void {
  const { dialect, participantId, repair } = state.settings
  schedule(state, missing, now + requestDelayMs(dialect, participantId, missing.entry.messageId, repair))
}

/** After so many requests in vain, each further wait is twice as long: perhaps nobody has the message. */
const PATIENT_REQUESTS = 5
/** How often a participant defers to others who ask, before it asks again itself. */
const MOST_DEFERRALS = 3

/** It was asked for, in vain perhaps: starts the wait after which it is asked for again; the first is about the shortest. */
function askAgain(state: SdsState, missing: MissingMessage, now: number): void {
  const { repair, random } = state.settings
  const wait = repair.tMinMs * (1 + random()) * 2 ** Math.max(0, missing.asked - PATIENT_REQUESTS)
  schedule(state, missing, now + Math.min(wait, repair.tMaxMs))
}

/** Another asks for what is missing here too: an own request can wait, but not for ever. */
export function deferToOthers(state: SdsState, missing: MissingMessage, now: number): void {
  if (missing.deferrals >= MOST_DEFERRALS) return
  missing.deferrals++
  askAgain(state, missing, now)
}

function schedule(state: SdsState, missing: MissingMessage, due: number): void {
  const { settings, requests, eligible, unrequested } = state
  cancelRequest(state, missing)
  if (!settings.repair.enabled || missing.isParked) return
  if (requests.size + eligible.size >= settings.repair.maxRequests) {
    unrequested.add(missing)
    return
  }
  missing.request = requests.add(due, missing)
}

/** Asks no longer; another missing message takes the place. */
export function cancelRequest(state: SdsState, missing: MissingMessage): void {
  state.requests.remove(missing.request)
  missing.request = undefined
  state.eligible.delete(missing)
  state.unrequested.delete(missing)
}

/** Gives room that has become free to missing messages that wait for it. */
export function fillRequests(state: SdsState, now: number): void {
  const { unrequested, requests, eligible, settings } = state
  for (const missing of unrequested) {
    if (requests.size + eligible.size >= settings.repair.maxRequests) return
    scheduleRequest(state, missing, now)
  }
}

/** Finds the requests whose T_req has come. */
export function collectEligible(state: SdsState, now: number): void {
  for (let missing; (missing = state.requests.takeDue(now)) !== undefined;) {
    if (state.eligible.size === 0) state.eligibleSince = now
    state.eligible.add(missing)
  }
}

/** The requests to put into a message that leaves now: those with the lowest T_req. LIP-109, "SDS-R send message". */
export function takeRequests(state: SdsState, carrierId: string, now: number): HistoryEntry[] {
  collectEligible(state, now)
  const taken = chooseRequests(state)
  requested(state, taken, carrierId, now)
  return taken.map((missing) => missing.entry)
}

const NONE: readonly MissingMessage[] = []

/** The requests to put into a message. */
export function chooseRequests({ eligible, settings }: SdsState): readonly MissingMessage[] {
  if (eligible.size === 0) return NONE
  const chosen: MissingMessage[] = []
  for (const missing of eligible) {
    if (chosen.length >= settings.repair.maxRequestsPerMessage) break
    chosen.push(missing)
  }
  return chosen
}

/** Requests left; each is made again after another wait. */
export function requested(
  state: SdsState,
  missing: readonly MissingMessage[],
  carrierId: string,
  now: number,
): void {
  if (missing.length === 0) return
  for (const one of missing) {
    if (state.parked.getMissing(one.entry.messageId) !== one) continue
    one.asked++
    one.deferrals = 0
    askAgain(state, one, now)
  }
  const messageIds = missing.map((one) => one.entry.messageId)
  report(state, { type: 'repair-requested', messageIds, carrierId })
}
