import { createHash } from 'node:crypto'
import { decodeNimFilter } from '../../../packages/sds/src/core.ts'
import { given, hexOf } from '../checker.ts'

/** The fields in which a file tells of a filter's bytes. */
export interface Serialized {
  readonly serializedLen: number
  readonly serializedSha256: string
  readonly serializedHex?: string
  readonly serializedHeadHex?: string
  readonly serializedTailHex?: string
  /** Index and value, big-endian. */
  readonly nonZeroWordsU64?: readonly (readonly [number, string])[]
}

/** As much of a filter's bytes as the file tells. */
export function serialized(bytes: Uint8Array, expected: Serialized): Serialized {
  return {
    serializedLen: bytes.length,
    serializedSha256: createHash('sha256').update(bytes).digest('hex'),
    ...(given(expected.serializedHex) && { serializedHex: hexOf(bytes) }),
    ...(given(expected.serializedHeadHex) && {
      serializedHeadHex: hexOf(bytes).slice(0, expected.serializedHeadHex.length),
    }),
    ...(given(expected.serializedTailHex) && {
      serializedTailHex: hexOf(bytes).slice(-expected.serializedTailHex.length),
    }),
    ...(given(expected.nonZeroWordsU64) && { nonZeroWordsU64: nonZeroWords(decodeNimFilter(bytes).words) }),
  }
}

function nonZeroWords(words: Uint8Array): [number, string][] {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength)
  const found: [number, string][] = []
  for (let index = 0; index < words.length / 8; index++) {
    const word = view.getBigUint64(8 * index, true)
    if (word !== 0n) found.push([index, word.toString(16).padStart(16, '0')])
  }
  return found
}

/** Those of the fields that the file has. */
export const picked = (expected: Serialized): Partial<Serialized> => {
  const { serializedLen, serializedSha256, serializedHex, serializedHeadHex, serializedTailHex } = expected
  const { nonZeroWordsU64 } = expected
  return {
    serializedLen,
    serializedSha256,
    ...(given(serializedHex) && { serializedHex }),
    ...(given(serializedHeadHex) && { serializedHeadHex }),
    ...(given(serializedTailHex) && { serializedTailHex }),
    ...(given(nonZeroWordsU64) && { nonZeroWordsU64 }),
  }
}
