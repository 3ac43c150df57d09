import { WireWriter } from '@reliable-channels/wire'

import { type WireMessage, encodeWireMessage } from './message.ts'

/** Protocol id of 19/WAKU2-LIGHTPUSH, v3. */
export const LIGHT_PUSH = '/vac/waku/lightpush/3.0.0'

/** Encodes a light push of a message, in pieces: its payload is not copied. */
export function encodeLightPush(
  requestId: string,
  pubsubTopic: string,
  message: WireMessage,
): readonly Uint8Array[] {
  const writer = new WireWriter().text(1, requestId).text(20, pubsubTopic)
  const pieces = encodeWireMessage(message)
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return [writer.bytesHead(21, length).finish(), ...pieces]
}
