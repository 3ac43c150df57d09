import {
  type HistoryEntry,
  type SdsOptions,
  type SdsStage,
  createSdsStage,
  encodeMessage,
  messageIdOf,
} from '@reliable-channels/sds/core'
import { CHANNEL, NOW, content as contentOf, mulberry } from './workload.ts'

/** A participant that forgets nothing, as theirs, with the same settings. */
export function participant(id: string, options: Partial<SdsOptions> = {}): SdsStage {
  return createSdsStage({
    participantId: id,
    channelId: CHANNEL,
    random: mulberry(1),
    maxHistory: 10_000_000,
    maxHistoryBytes: Infinity,
    maxOutgoing: 10_000_000,
    maxOutgoingBytes: Infinity,
    maxIncoming: 10_000_000,
    maxIncomingBytes: Infinity,
    maxIncomingPerSender: 10_000_000,
    maxIncomingBytesPerSender: Infinity,
    maxMissing: 10_000_000,
    ...options,
  })
}

/** The bytes of the next message of a participant. */
export function wrap(stage: SdsStage, content: Uint8Array): Uint8Array {
  for (const output of stage.handle({ type: 'wrap', frame: { payload: content } }, NOW).outputs) {
    if (output.type === 'wrapped') return output.payload
  }
  throw new Error('nothing was wrapped')
}

/** Hands a message to a participant; returns the ids that it delivers, in order. */
export function receive(stage: SdsStage, payload: Uint8Array): string[] {
  const delivered: string[] = []
  for (const output of stage.handle({ type: 'receive', frame: { payload } }, NOW).outputs) {
    if (output.type === 'delivered') delivered.push(output.messageId)
  }
  return delivered
}

/** Participants that have all received `history` messages of somebody else. */
export function participants(
  ids: readonly string[],
  history: number,
  options?: Partial<SdsOptions>,
): SdsStage[] {
  const stages = ids.map((id) => participant(id, options))
  for (const payload of messagesOf('carol', history)) for (const stage of stages) receive(stage, payload)
  return stages
}

/** Messages that name the two before them. */
function* messagesOf(senderId: string, count: number): Iterable<Uint8Array> {
  const sender = new TextEncoder().encode(senderId)
  let causalHistory: HistoryEntry[] = []
  for (let i = 0; i < count; i++) {
    const content = contentOf(-1 - i)
    const messageId = messageIdOf(sender, { ms: NOW, nanos: i }, content)
    const lamport = NOW + i
    yield encodeMessage(
      { messageId, senderId, channelId: CHANNEL, lamport, causalHistory, repairRequest: [], content },
      'lip',
    )
    causalHistory = [...causalHistory, { messageId, senderId }].slice(-2)
  }
}
