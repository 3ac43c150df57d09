import type { Arrival } from '../input.ts'
import { reviewRequests } from './respond.ts'
import { reviewAcknowledgements } from './acknowledge.ts'
import { decodeMessage } from '../wire/codec.ts'
import { type SdsMessage, kindOf } from '../wire/message.ts'
import { type SdsState, reject } from '../state.ts'
import { receiveContent } from './receive-content.ts'
import { receiveSync, speaksFor } from './receive-sync.ts'
import { receiveEphemeral } from './receive-ephemeral.ts'
import { flawOf } from './flaw.ts'
import { hear } from './hear.ts'

/** Takes in bytes from the network. LIP-109, "Receive Message". */
export function receive(state: SdsState, arrival: Arrival, now: number): void {
  const { settings } = state
  const { frame } = arrival
  const decoded = decodeMessage(frame.payload, settings)
  if (decoded.message === undefined) return reject(state, frame, 'undecodable', decoded.reason)
  const { message, dialect } = decoded
  if (message.channelId !== settings.channelId) {
    return reject(state, frame, 'other-channel', `a message of channel ${message.channelId}`)
  }
  const kind = kindOf(message)
  if (kind === undefined) return reject(state, frame, 'malformed', 'neither timestamp nor content')
  const flaw = flawOf(message, settings.maxIdLength)
  if (flaw !== undefined) return reject(state, frame, 'malformed', flaw)
  const { lamport } = message
  if (settings.dialect === 'lip' && lamport !== undefined && lamport > now + settings.maxFutureSkewMs) {
    return reject(state, frame, 'future-lamport', `timestamp ${lamport}, the time is ${now}`)
  }
  const { sentAt } = message
  if (kind === 'ephemeral' && sentAt !== undefined && sentAt > now + settings.maxFutureSkewMs) {
    return reject(state, frame, 'future-lamport', `sent at ${sentAt}, the time is ${now}`)
  }
  const own = message.senderId === settings.participantId
  if (!own) hear(state, message, now)
  if (kind === 'ephemeral') return receiveEphemeral(state, message, arrival, own)

  state.allowance.heard(frame.payload.length)
  if (kind === 'content') {
    state.silence.spoken(now)
    state.silence.shorten()
  } else if (speaksFor(state, message)) state.silence.broken(now)
  state.repairs.supersede(message.messageId)
  if (!own) {
    reviewAcknowledgements(state, message, dialect, now)
    noteAcknowledgedByOthers(state, message)
    reviewRequests(state, message, now)
  }
  if (kind === 'sync') receiveSync(state, message, own, now)
  else receiveContent(state, message, arrival, own, now)
}

/** A message that somebody else than its sender names needs no acknowledgement from here any more, if one is enough. */
function noteAcknowledgedByOthers({ owed, settings }: SdsState, message: SdsMessage): void {
  if (owed.size === 0 || settings.acknowledge === 'each') return
  for (const { messageId } of message.causalHistory) {
    const sender = owed.senderOf(messageId)
    if (sender !== undefined && sender !== message.senderId) owed.delete(messageId)
  }
}
