import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** Protocol id of 19/WAKU2-LIGHTPUSH, v3. */
export const LIGHT_PUSH = '/vac/waku/lightpush/3.0.0'

/** Encodes a light push of an encoded message, in two pieces: the message is not copied. */
export function encodeLightPush(
  requestId: string,
  pubsubTopic: string,
  message: Uint8Array,
): readonly [Uint8Array, Uint8Array] {
  const head = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(requestId)
    .tag(20, WireType.LengthDelimited)
    .string(pubsubTopic)
    .tag(21, WireType.LengthDelimited)
    .uint32(message.length)
    .finish()
  return [head, message]
}
