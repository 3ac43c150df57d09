import { unshared } from '@reliable-channels/wire'
import type { Frame } from '@reliable-channels/stage'
import { copyPutOut } from './dispatch-ended.ts'
import { encodeOwn } from './encode.ts'
import { encodeMessage } from '../wire/codec.ts'
import type { SdsInput } from '../input.ts'
import { LogEntry } from '../history/log-entry.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { causalHistoryOf } from './name.ts'
import { firstOf } from './overtake.ts'
import { LOOSE } from '../parts/own-log.ts'
import { type SdsState, reject } from '../state.ts'
import { storeClock, storeEntry, storeOutgoing } from './store.ts'

/** Makes an SDS message of content and puts it out. LIP-109, "Send Message" and "Ephemeral Messages". */
export function wrap(state: SdsState, input: Extract<SdsInput, { type: 'wrap' }>, now: number): void {
  const {
    frame,
    ephemeral = false,
    order = 'causal',
    priority = 'normal',
    group,
    isPart = false,
    lane,
  } = input
  const { settings, unacknowledged, unreleased, ownLog } = state
  const content = frame.payload
  if (content.length === 0)
    return reject(state, frame, 'empty-content', 'an empty message would be a sync message')
  if (content.length > settings.maxMessageBytes) {
    return reject(
      state,
      frame,
      'malformed',
      `${content.length} bytes of content, more than ${settings.maxMessageBytes}`,
    )
  }
  if (ephemeral && settings.dialect === 'lip') return wrapEphemeral(state, frame, lane, now)
  if (unacknowledged.size >= settings.maxOutgoing) {
    return reject(state, frame, 'outgoing-full', `${unacknowledged.size} messages are unacknowledged`)
  }
  if (unacknowledged.bytes + content.length > settings.maxOutgoingBytes) {
    return reject(state, frame, 'outgoing-full', `${unacknowledged.bytes} bytes are unacknowledged`)
  }
  const messageId = state.clock.newMessageId(content, now)
  const lamport = state.clock.advance(now)
  const isLoose = order === 'none'
  const overtaken = isLoose ? undefined : unreleased.below(priority)
  const causalHistory = isLoose ? [] : causalHistoryOf(state, group, overtaken)
  const kept = state.contents.keep(content)
  const own = {
    sequence: state.numbers.take(),
    messageId,
    senderId: settings.participantId,
    lamport,
    causalHistory,
    content: kept,
    isLoose,
  }
  const number = ownLog.add(messageId, now, isLoose ? LOOSE : overtaken && firstOf(overtaken) - 1)
  if (priority === 'critical' && !isLoose) ownLog.urge(number)
  let payload = unshared(content)
  let hashes: Uint32Array | undefined
  if (settings.encoding === 'at-once') {
    payload = encodeOwn(state, own, now)
    hashes = state.filter.insert(messageId)
  } else unreleased.hold(own, priority, number)
  state.history.insert(own)
  const says = settled(state, causalHistory)
  const message = unacknowledged.add(new LogEntry(own), { ephemeral, priority, isPart }, number, hashes)
  if (settings.encoding === 'at-once') {
    state.copies.made(message, state.owed.arrivals, now)
    state.arrivals.sent(now)
  }
  state.allowance.sent(content.length)
  state.probes.allow()
  storeEntry(state, own)
  storeOutgoing(state, message)
  storeClock(state)
  const output = { type: 'wrapped', lane, frame, payload, messageId } as const
  if (settings.encoding === 'at-once') state.outputs.put(output)
  else state.outputs.put({ ...output, wanted: () => unreleased.has(messageId) })
  copyPutOut(state, message, now)
  if (says.length > 0 && message.onTheWay) state.said.hold(message, says, now + settings.acknowledgeWithinMs)
}

/** The messages that one which names `causalHistory` acknowledges; they are no longer owed. */
function settled({ owed }: SdsState, causalHistory: readonly HistoryEntry[]): readonly string[] {
  const ids: string[] = []
  if (owed.size === 0) return ids
  for (const { messageId } of causalHistory) if (owed.delete(messageId)) ids.push(messageId)
  return ids
}

function wrapEphemeral(state: SdsState, frame: Frame, lane: object | undefined, now: number): void {
  const { settings } = state
  const messageId = state.clock.newMessageId(frame.payload, now)
  const payload = encodeMessage(
    {
      messageId,
      senderId: settings.participantId,
      channelId: settings.channelId,
      causalHistory: [],
      repairRequest: [],
      content: frame.payload,
      // It has no Lamport timestamp; whoever forgets that it came tells by this time that it may have.
      sentAt: state.clock.lastId.ms,
    },
    settings.dialect,
  )
  storeClock(state)
  if (settings.encoding === 'at-release') state.unreleased.holdUntracked(messageId)
  state.outputs.put({ type: 'wrapped', lane, frame, payload, messageId })
}
