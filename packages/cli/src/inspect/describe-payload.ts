import { decodeText, hexOf } from '@reliable-channels/wire'
import { type Flaw, type InspectedLayer, errorAt } from './inspection.ts'
import { shownBytes, shownText } from './show.ts'

/** What the application sent. */
export function describePayload(bytes: Uint8Array): InspectedLayer {
  return plainLayer('payload', 'Payload', bytes, [])
}

/** Bytes that are nothing that is known. */
export function describeUnknown(bytes: Uint8Array): InspectedLayer {
  const flaw = errorAt(
    bytes.length === 0
      ? 'no bytes at all'
      : 'neither a sealed frame, nor an SDS message of either dialect, nor a segment of either dialect',
    0,
  )
  return plainLayer('unknown', 'Bytes', bytes, [flaw])
}

function plainLayer(
  kind: InspectedLayer['kind'],
  title: string,
  bytes: Uint8Array,
  flaws: readonly Flaw[],
): InspectedLayer {
  const text = decodeText(bytes)
  // Text, unless there is much in it that is none.
  const isText = bytes.length > 0 && !/[^\P{C}\s]/u.test(text)
  const field = isText
    ? { name: 'text', text: shownText(text), value: text }
    : { name: 'bytes', text: shownBytes(bytes), value: hexOf(bytes) }
  return {
    kind,
    title,
    lengthBytes: bytes.length,
    fields: [{ offset: 0, lengthBytes: bytes.length, ...field }],
    flaws,
  }
}
