import { WireWriter } from '@reliable-channels/wire'

/** Protocol id of 19/WAKU2-LIGHTPUSH, v3. */
export const LIGHT_PUSH = '/vac/waku/lightpush/3.0.0'

/** Encodes a light push of an encoded message, in pieces: the message is not copied. */
export function encodeLightPush(
  requestId: string,
  pubsubTopic: string,
  message: Uint8Array,
): readonly Uint8Array[] {
  const writer = new WireWriter().text(1, requestId).text(20, pubsubTopic)
  return [writer.bytesHead(21, message.length).finish(), message]
}
