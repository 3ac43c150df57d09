import { type ContentMessage, Message, MessageChannel } from '@waku/sds'
import { CHANNEL, NOW, content as contentOf } from './workload.ts'

/** Those of their private fields that the benchmark needs. */
interface Inside {
  readonly localHistory: { push(...items: ContentMessage[]): number }
  readonly filter: { insert(id: string): void; lookup(id: string): boolean }
}

export const inside = (channel: MessageChannel): Inside => channel as unknown as Inside

/** Their participant, with SDS-R on, as it is by default. */
export function participant(id: string, causalHistorySize = 2): MessageChannel {
  return new MessageChannel(CHANNEL, id, { causalHistorySize })
}

/** The bytes of the next message of a participant. */
export async function wrap(channel: MessageChannel, content: Uint8Array): Promise<Uint8Array> {
  let payload: Uint8Array | undefined
  channel.pushOutgoingMessage(content, (message) => {
    payload = message.encode()
    return Promise.resolve({ success: true })
  })
  await channel.processTasks()
  return payload!
}

export async function receive(channel: MessageChannel, payload: Uint8Array): Promise<void> {
  channel.pushIncomingMessage(Message.decode(payload)!, undefined)
  await channel.processTasks()
}

/**
 * Participants with a history of so many messages of somebody else, put straight into it: receiving them one by one
 * would take hours. Their filters stay empty, which costs a lookup less.
 */
export function participants(
  ids: readonly string[],
  history: number,
  causalHistorySize = 2,
): MessageChannel[] {
  const template = new Uint8Array(0)
  const messages = Array.from({ length: history }, (_, i) => {
    const id = (i + 1).toString(16).padStart(64, '0')
    return {
      messageId: id,
      channelId: CHANNEL,
      senderId: 'carol',
      causalHistory: [],
      lamportTimestamp: BigInt(NOW - history + i - 1_000_000),
      bloomFilter: template,
      content: contentOf(-1 - i),
      repairRequest: [],
      valueOf: () => `${String(NOW - history + i - 1_000_000).padStart(16, '0')}_${id}`,
    } as unknown as ContentMessage
  })
  return ids.map((id) => {
    const channel = participant(id, causalHistorySize)
    for (let i = 0; i < history; i += 20_000)
      inside(channel).localHistory.push(...messages.slice(i, i + 20_000))
    return channel
  })
}
