import { type Cipher, openFrame, readHeader } from '@reliable-channels/encryption'
import { decodeMessage } from '@reliable-channels/sds/core'
import type { TransportMessage } from '@reliable-channels/transport'

/** Somebody who was heard on the channel. */
export interface HeardMember {
  readonly senderId: string
  readonly messages: number
  /** By the author's clock, ms since 1970; absent where the network does not tell. */
  readonly lastMs?: number
}

/** What was heard on a channel. */
export interface Heard {
  /** Frames that were opened, or were in plaintext, and are of the channel. */
  readonly read: number
  readonly members: readonly HeardMember[]
  /** Frames in plaintext among them. */
  readonly plain: number
  /** Frames that are sealed and were not opened, by the id of their key. */
  readonly sealed: ReadonlyMap<string, number>
  /** Frames of other channels on the topic, or of something else. */
  readonly foreign: number
}

/** Messages of whom are listed. @limit Further members are not told apart. */
const MAX_MEMBERS = 200

/** Reads what was heard on the topic of a channel, with the key if there is one. */
export function hearFrames(
  messages: Iterable<TransportMessage>,
  context: { readonly channelId: string; readonly contentTopic: string },
  cipher: Cipher | undefined,
): Heard {
  const members = new Map<string, HeardMember>()
  const sealed = new Map<string, number>()
  let [read, plain, foreign] = [0, 0, 0]
  for (const { payload, timestampMs } of messages) {
    const header = readHeader(payload)
    const bytes = header === undefined ? payload : opened(payload, context, cipher)
    if (bytes === undefined) {
      const keyId = header!.keyId
      sealed.set(keyId, (sealed.get(keyId) ?? 0) + 1)
      continue
    }
    const { message } = decodeMessage(bytes)
    if (message?.channelId !== context.channelId) {
      foreign++
      continue
    }
    read++
    if (header === undefined) plain++
    const { senderId } = message
    const known = members.get(senderId)
    if (known === undefined && members.size >= MAX_MEMBERS) continue
    const lastMs = Math.max(known?.lastMs ?? -Infinity, timestampMs ?? -Infinity)
    members.set(senderId, {
      senderId,
      messages: (known?.messages ?? 0) + 1,
      ...(Number.isFinite(lastMs) && { lastMs }),
    })
  }
  return { read, members: [...members.values()], plain, sealed, foreign }
}

/** The ciphers of `rc` open at once. */
function opened(
  payload: Uint8Array,
  context: { readonly channelId: string; readonly contentTopic: string },
  cipher: Cipher | undefined,
): Uint8Array | undefined {
  if (cipher === undefined) return undefined
  try {
    const plain = openFrame(cipher, payload, context)
    return plain instanceof Promise ? undefined : plain
  } catch {
    return undefined
  }
}
