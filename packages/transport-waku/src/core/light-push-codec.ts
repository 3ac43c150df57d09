import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** Protocol id of 19/WAKU2-LIGHTPUSH, v3. */
export const LIGHT_PUSH = '/vac/waku/lightpush/3.0.0'

/** Encodes a light push of an encoded message. */
export function encodeLightPush(requestId: string, pubsubTopic: string, message: Uint8Array): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string(requestId)
    .tag(20, WireType.LengthDelimited)
    .string(pubsubTopic)
    .tag(21, WireType.LengthDelimited)
    .bytes(message)
    .finish()
}
