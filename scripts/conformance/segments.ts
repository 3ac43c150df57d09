import { createHash } from 'node:crypto'
import { keccak256 } from '../../packages/keccak/src/index.ts'
import {
  type SegmenterOptions,
  MAX_SEGMENTS,
  createReassemblyStage,
  createSegmenter,
  decodeSegment,
  encodeSegment,
  segmentPayload,
} from '../../packages/segmentation/src/core.ts'
import { codeOf } from '../../packages/leopard/src/core/code.ts'
import { type CaseResult, type Checker, attempt, compare, given, hexOf } from './checker.ts'

interface Vector {
  readonly name: string
  readonly payloadBytes: number
  readonly payloadSha256?: string
  readonly payloadKeccak256?: string
  /** Bounds the serialized segment; `segmentSize` of the older text bounds its content. */
  readonly segmentSizeBytes?: number
  readonly segmentSize?: number
  readonly parityRate?: number
  readonly dataSegmentCount?: number
  readonly paritySegmentCount?: number
  /** Content of each data segment but the last. */
  readonly chunkSize?: number
  /** How Leopard makes the parity. */
  readonly parityPath?: string | null
  readonly segments?: readonly { readonly len: number; readonly hex?: string; readonly sha256?: string }[]
  readonly error?: string
}

interface Vectors {
  readonly vectors?: readonly Vector[]
  readonly lipTextVectors?: { readonly vectors: readonly Vector[] }
}

/** Bytes that a segment leaves for its header. */
const HEADER_BYTES = 128

/** Segments of the reference implementation, and of the older text of LIP-243. */
export const segmentVectors: Checker = {
  name: 'segment vectors',
  recognises(document) {
    const { vectors = [], lipTextVectors } = (document ?? {}) as Vectors
    if (lipTextVectors !== undefined) return true
    return Array.isArray(vectors) && (vectors as Vector[]).some((one) => one.segmentSizeBytes !== undefined)
  },
  *check(document) {
    const { vectors = [], lipTextVectors } = document as Vectors
    for (const vector of vectors) {
      yield* checkVector(vector.name, vector, {
        segmentSizeBytes: vector.segmentSizeBytes!,
        parityRate: vector.parityRate ?? 0,
      })
    }
    for (const vector of lipTextVectors?.vectors ?? []) {
      const { dataSegmentCount = 1, paritySegmentCount = 0 } = vector
      yield* checkVector(`LIP-243 text, ${vector.name}`, vector, {
        dialect: 'lip-243',
        segmentSizeBytes: vector.segmentSize! + HEADER_BYTES,
        parityRate: paritySegmentCount / dataSegmentCount,
      })
    }
  },
}

function* checkVector(name: string, vector: Vector, options: SegmenterOptions): Generator<CaseResult> {
  const payload = payloadOf(vector.payloadBytes)
  const { payloadSha256, payloadKeccak256, segments, paritySegmentCount = 0 } = vector
  yield compare(
    `${name}: payload`,
    [payloadSha256 && sha256(payload), payloadKeccak256 && hexOf(keccak256(payload))],
    [payloadSha256, payloadKeccak256],
  )
  if (!given(segments)) {
    if (given(vector.error)) yield compare(`${name}: refused`, isRefused(payload, options), true)
    else if (given(vector.dataSegmentCount)) {
      yield attempt(`${name}: counts`, () => checkCounts(`${name}: counts`, vector, options))
    } else yield { name, unchecked: 'it says neither which segments there are nor that it is refused' }
    return
  }
  if (segments.some(({ hex, sha256: hash }) => !given(hex) && !given(hash))) {
    yield { name, unchecked: 'it does not say of every segment what it is' }
  }
  yield attempt(`${name}: counts`, () => checkCounts(`${name}: counts`, vector, options))
  let made: Uint8Array[] = []
  yield attempt(`${name}: segments`, () => {
    made = segmentPayload(payload, options).map((segment) => segment.payload)
    return compare(
      `${name}: segments`,
      made.map((bytes, index) => describe(bytes, segments[index])),
      segments.map((segment) => describe(undefined, segment)),
    )
  })
  yield attempt(`${name}: decode`, () =>
    compare(
      `${name}: decode`,
      made.map((bytes) => sha256(encodeSegment(decodeSegment(bytes)!))),
      made.map(sha256),
    ),
  )
  yield attempt(`${name}: reassemble`, () => reassembles(`${name}: reassemble`, made, payload))
  if (paritySegmentCount === 0) return
  yield attempt(`${name}: recover`, () =>
    reassembles(`${name}: recover`, made.slice(paritySegmentCount), payload),
  )
}

function checkCounts(name: string, vector: Vector, options: SegmenterOptions): CaseResult {
  const { payloadBytes, dataSegmentCount, paritySegmentCount, chunkSize, parityPath } = vector
  const { dataCount, parityCount } = createSegmenter(options).count(payloadBytes)
  // Without parity, the largest payload fills all segments there may be.
  const chunkBytes = createSegmenter({ ...options, parityRate: 0 }).maxPayloadBytes / MAX_SEGMENTS
  const path = parityCount === 0 ? null : codeOf(dataCount, parityCount).path
  return compare(
    name,
    [
      given(dataSegmentCount) ? dataCount : null,
      given(paritySegmentCount) ? parityCount : null,
      given(chunkSize) ? chunkBytes : null,
      parityPath === undefined ? null : path,
    ],
    [dataSegmentCount, paritySegmentCount, chunkSize, parityPath].map((value) => value ?? null),
  )
}

/** The fields of a segment that the file tells, as it is there (`bytes` absent) or as ours is. */
function describe(
  bytes: Uint8Array | undefined,
  expected: NonNullable<Vector['segments']>[number] | undefined,
): object {
  if (expected === undefined) return { len: bytes?.length }
  const { len, hex, sha256: hash } = expected
  if (bytes === undefined) return { len, hex, hash }
  return { len: bytes.length, hex: hex && hexOf(bytes), hash: hash && sha256(bytes) }
}

function isRefused(payload: Uint8Array, options: SegmenterOptions): boolean {
  try {
    segmentPayload(payload, options)
    return false
  } catch (error) {
    return error instanceof RangeError
  }
}

function reassembles(name: string, segments: readonly Uint8Array[], payload: Uint8Array): CaseResult {
  const stage = createReassemblyStage()
  const outputs = segments.flatMap((segment) => [
    ...stage.handle({ type: 'segment', frame: { payload: segment } }, 0).outputs,
  ])
  // A large message takes several turns.
  while ((stage.deadline() ?? Infinity) <= 0) outputs.push(...stage.tick(0).outputs)
  const hashes = outputs.flatMap((output) => (output.type === 'message' ? [sha256(output.payload)] : []))
  return compare(name, hashes, [sha256(payload)])
}

/** The payload that the file describes under `payloadGenerator`. */
function payloadOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 37 + 11 + Math.floor(i / 256) * 101)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
