import { falsePositives } from '../filter/bloom.ts'
import { openFilter } from '../filter/bloom-codec.ts'
import type { AcknowledgedVia } from '../event.ts'
import type { Dialect, SdsMessage } from '../wire/message.ts'
import type { OutgoingMessage } from '../parts/unacknowledged.ts'
import { type SdsState, report } from '../state.ts'
import { forgetEntry, forgetOutgoing } from './store.ts'

/**
 * Share of all ids that a filter may hold: a fuller one says nothing, as those of peers that never begin anew. A full
 * one of our own is at 0.0025.
 * @limit The filter is ignored.
 */
const MOST_FALSE_POSITIVES = 0.05
/** Bits for one id: no honest filter has more. @limit The filter is ignored. */
const MOST_HASHES = 64

/** Learns from a message of another which own ones it has received. LIP-109, "Review ACK Status". */
export function reviewAcknowledgements(
  state: SdsState,
  message: SdsMessage,
  dialect: Dialect,
  now: number,
): void {
  for (const { messageId } of message.causalHistory) {
    const outgoing = state.unacknowledged.get(messageId)
    if (outgoing !== undefined) acknowledge(state, outgoing, message.senderId, 'causal-history')
    else remember(state, messageId, message.senderId)
  }
  if (message.bloomFilter !== undefined && message.bloomFilter.length > 0) {
    reviewFilter(state, message, message.bloomFilter, dialect, now)
  }
}

function reviewFilter(
  state: SdsState,
  message: SdsMessage,
  bytes: Uint8Array,
  dialect: Dialect,
  now: number,
): void {
  if (state.unacknowledged.size === 0) return
  const { settings, baseFilter } = state
  const limits = { maxBloomBytes: settings.maxBloomBytes, maxHashCount: MOST_HASHES }
  const filter = openFilter(bytes, dialect, baseFilter, limits)
  if (typeof filter === 'string') {
    report(state, { type: 'filter-ignored', messageId: message.messageId, detail: filter })
    return
  }
  const found = state.unacknowledged.inFilter(filter)
  if (found.length === 0) return
  const mistaken = falsePositives(filter)
  if (mistaken > MOST_FALSE_POSITIVES) {
    const detail = `a filter that holds ${Math.round(100 * mistaken)} % of all ids`
    report(state, { type: 'filter-ignored', messageId: message.messageId, detail })
    return
  }
  const digest = digestOf(filter.bytes)
  for (const outgoing of found) {
    if (!state.unacknowledged.hit(outgoing, message.senderId, digest)) continue
    if (outgoing.hitCount >= settings.possibleAcknowledgementThreshold) {
      acknowledge(state, outgoing, message.senderId, 'bloom-filter')
      continue
    }
    report(state, {
      type: 'possibly-acknowledged',
      messageId: outgoing.entry.messageId,
      by: message.senderId,
      count: outgoing.hitCount,
    })
    if (outgoing.left && !outgoing.onTheWay && outgoing.dispatchedAt <= now)
      state.unacknowledged.arm(outgoing)
  }
}

/** Tells filters apart: FNV-1a over the bytes, four at a time. */
function digestOf(bytes: Uint8Array): number {
  let digest = 0x811c9dc5
  for (let i = 0; i + 3 < bytes.length; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    digest = Math.imul(digest ^ word, 0x01000193)
    digest ^= digest >>> 15
  }
  return digest
}

/** Somebody has the message: it is not sent again. */
function acknowledge(state: SdsState, message: OutgoingMessage, by: string, via: AcknowledgedVia): void {
  const { entry } = message
  state.unacknowledged.remove(message)
  forgetOutgoing(state, entry)
  if (state.settings.persistent && !state.history.has(entry.messageId)) forgetEntry(state, entry)
  state.acknowledgements.begin(entry.messageId, by)
  report(state, { type: 'acknowledged', messageId: entry.messageId, by, via, first: true })
}

/** Yet another participant has an own message. */
function remember(state: SdsState, messageId: string, by: string): void {
  if (!state.acknowledgements.add(messageId, by)) return
  report(state, { type: 'acknowledged', messageId, by, via: 'causal-history', first: false })
}
