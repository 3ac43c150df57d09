import type { HistoryEntry, SdsOptions, SdsStage } from '@reliable-channels/sds/core'
import { CHANNEL, NOW, content as contentOf, mulberry } from './workload.ts'

/** `sds/core`, of this checkout or of another. */
export type Core = typeof import('@reliable-channels/sds/core')

/** What every participant is made with beside its ids. */
const FORGETS_NOTHING: Partial<SdsOptions> = {
  maxHistory: 10_000_000,
  maxHistoryBytes: Infinity,
  maxOutgoing: 10_000_000,
  maxOutgoingBytes: Infinity,
  maxIncoming: 10_000_000,
  maxIncomingBytes: Infinity,
  maxIncomingPerSender: 10_000_000,
  maxIncomingBytesPerSender: Infinity,
  maxMissing: 10_000_000,
}

/** Participants of ours, with the same settings as theirs. */
export class Ours {
  readonly core: Core
  readonly #options: Partial<SdsOptions>

  /** @param options In addition, for all of them. */
  constructor(core: Core, options: Partial<SdsOptions> = {}) {
    this.core = core
    this.#options = options
  }

  /** A participant that forgets nothing, as theirs. */
  participant(id: string, options: Partial<SdsOptions> = {}): SdsStage {
    return this.core.createSdsStage({
      participantId: id,
      channelId: CHANNEL,
      random: mulberry(1),
      ...FORGETS_NOTHING,
      ...this.#options,
      ...options,
    })
  }

  /** Participants that have all received `history` messages of somebody else. */
  participants(ids: readonly string[], history: number, options?: Partial<SdsOptions>): SdsStage[] {
    const stages = ids.map((id) => this.participant(id, options))
    for (const payload of this.#messagesOf('carol', history))
      for (const stage of stages) receive(stage, payload)
    return stages
  }

  /** Messages that name the two before them. */
  *#messagesOf(senderId: string, count: number): Iterable<Uint8Array> {
    const { encodeMessage, messageIdOf } = this.core
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
  return deliveredOf(stage.handle({ type: 'receive', frame: { payload } }, NOW).outputs)
}

/** Does what is due at once, since one turn does only so much; returns the ids that are delivered, in order. */
export function finish(stage: SdsStage): string[] {
  const delivered: string[] = []
  for (let due = stage.deadline(); due !== undefined && due <= NOW; due = stage.deadline())
    delivered.push(...deliveredOf(stage.tick(NOW).outputs))
  return delivered
}

const deliveredOf = (outputs: ReturnType<SdsStage['tick']>['outputs']): string[] =>
  outputs.flatMap((output) => (output.type === 'delivered' ? [output.messageId] : []))
