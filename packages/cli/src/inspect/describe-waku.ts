import { WIRE, decodeText } from '@reliable-channels/wire'
import { type MessageSpec, bytesShown, describeFields, numberShown, textShown } from './describe-fields.ts'
import type { InspectedLayer } from './inspection.ts'
import type { Scanned } from './scan-fields.ts'
import { numberValue, shownTime } from './show.ts'

/** 14/WAKU2-MESSAGE. */
const WAKU_MESSAGE: MessageSpec = {
  1: { name: 'payload', wire: 'bytes', show: bytesShown },
  2: { name: 'content topic', wire: 'bytes', show: textShown },
  3: { name: 'version', wire: 'varint', show: numberShown },
  10: {
    name: 'timestamp',
    wire: 'varint',
    // A `sint64` of nanoseconds.
    show(content) {
      const nanoseconds = (BigInt(content) >> 1n) ^ -(BigInt(content) & 1n)
      return {
        text: shownTime(nanoseconds, Number(nanoseconds / 1_000_000n)),
        value: numberValue(nanoseconds),
      }
    },
  },
  11: {
    name: 'marker (meta)',
    wire: 'bytes',
    show: textShown,
  },
  21: { name: 'RLN proof', wire: 'bytes', show: bytesShown },
  31: { name: 'ephemeral', wire: 'varint', show: numberShown },
}

/** A whole network message field by field, and the frame that it carries. */
export interface DescribedWaku {
  readonly layer: InspectedLayer
  readonly payload: Uint8Array
  readonly contentTopic: string
}

/** The message, if it is one: a payload, and a content topic in the place where SDS has an id. */
export function describeWaku(bytes: Uint8Array, scanned: Scanned): DescribedWaku | undefined {
  const contentOf = (wanted: number): Uint8Array | undefined => {
    const found = scanned.fields.findLast(
      ({ number, wireType }) => number === wanted && wireType === WIRE.bytes,
    )
    return found?.content as Uint8Array | undefined
  }
  const payload = contentOf(1)
  const contentTopic = decodeText(contentOf(2) ?? new Uint8Array())
  if (payload === undefined || !/^\/[^/]+\/[^/]+\/[^/]+\/[^/]+/.test(contentTopic)) return undefined
  const { fields, flaws } = describeFields(scanned, WAKU_MESSAGE)
  const layer: InspectedLayer = {
    kind: 'waku-message',
    title: 'Waku message (14/WAKU2-MESSAGE)',
    lengthBytes: bytes.length,
    fields,
    flaws,
  }
  return { layer, payload, contentTopic }
}
