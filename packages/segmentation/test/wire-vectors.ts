import { readFileSync } from 'node:fs'
import type { SegmenterOptions } from '../src/core.ts'

/** One payload and the segments that the reference made of it. */
export interface WireVector {
  readonly name: string
  readonly segmentSizeBytes: number
  readonly parityRate: number
  readonly payloadBytes: number
  readonly payloadKeccak256: string
  readonly dataSegmentCount?: number
  readonly paritySegmentCount?: number
  readonly error?: string
  readonly segments?: readonly { readonly len: number; readonly hex?: string; readonly sha256?: string }[]
}

/** One payload and the segments that the text of LIP-243 makes of it; `segmentSize` bounds the content alone. */
export interface LipVector {
  readonly name: string
  readonly segmentSize: number
  readonly payloadBytes: number
  readonly dataSegmentCount: number
  readonly paritySegmentCount: number
  readonly segments: readonly { readonly hex: string }[]
}

interface WireVectorFile {
  readonly vectors: readonly WireVector[]
  readonly lipTextVectors: { readonly vectors: readonly LipVector[] }
}

/** The vectors of `test/vectors`. */
export const wireVectors: WireVectorFile = JSON.parse(
  readFileSync(new URL('vectors/segmentation-wire-vectors.json', import.meta.url), 'utf8'),
) as WireVectorFile

/** The payload that the vectors mean by their length. */
export function payloadOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 37 + 11 + Math.floor(i / 256) * 101)
}

/** The options by which the reference made a vector; what else its record says is no option. */
export function optionsOf({ segmentSizeBytes, parityRate }: WireVector): SegmenterOptions {
  return { segmentSizeBytes, parityRate }
}
