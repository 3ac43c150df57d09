import {
  HASH_BYTES,
  MAX_SEGMENTS,
  createSegmenter,
  decodeSegment,
  encodeSegment,
  validateSegment,
} from '@reliable-channels/segmentation/core'

const segmenter = createSegmenter({ segmentSizeBytes: 256, parityRate: 0.5 })
const payload = new Uint8Array(300).fill(1)
console.log(segmenter.count(payload.length), 'of at most', MAX_SEGMENTS)

for (const frame of segmenter.split(payload)) {
  // `undefined` says that it is a good moment to let others work; a payload this small has none.
  if (frame === undefined) continue
  const segment = decodeSegment(frame.payload)
  if (segment === undefined || validateSegment(segment, 256) !== undefined) throw new Error('cannot be')
  const { index, isParity, content, hash } = segment
  console.log(isParity ? 'parity' : 'data', index, `${content.length} bytes`, hash.length === HASH_BYTES)
  // A segment says the same again, byte for byte.
  if (encodeSegment(segment).join() !== frame.payload.join()) throw new Error('cannot be')
}

const noise = decodeSegment(Uint8Array.of(8, 1))
console.log(noise && validateSegment(noise, 256), decodeSegment(Uint8Array.of(255)))
