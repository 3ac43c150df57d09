import { keccak256 } from '@reliable-channels/keccak'
import {
  HASH_BYTES,
  MAX_SEGMENTS,
  type Segment,
  decodeSegment,
  validateSegment,
} from '@reliable-channels/segmentation/core'
import { equalBytes } from '@reliable-channels/wire'
import { type MessageSpec, type Shown, bytesShown, describeFields, numberShown } from './describe-fields.ts'
import { type Flaw, type InspectedLayer, errorAt } from './inspection.ts'
import type { Scanned } from './scan-fields.ts'

const number = (name: string) => ({ name, wire: 'varint', show: numberShown }) as const
const bytes = (name: string) => ({ name, wire: 'bytes', show: bytesShown }) as const
const flag = (name: string) =>
  ({
    name,
    wire: 'varint',
    show: (content: number | bigint): Shown => ({ text: content > 0 ? 'yes' : 'no', value: content > 0 }),
  }) as const

const CURRENT: MessageSpec = {
  1: bytes('payload hash'),
  2: number('payload length'),
  3: number('index'),
  4: number('data segments'),
  5: number('parity segments'),
  6: flag('is parity'),
  7: bytes('content'),
}

const LIP_243: MessageSpec = {
  1: bytes('payload hash'),
  2: number('index'),
  3: number('data segments'),
  4: bytes('content'),
  5: number('parity index'),
  6: number('parity segments'),
  7: flag('is parity'),
}

/** A segment field by field, and the payload where this is all of it. */
export interface DescribedSegment {
  readonly layer: InspectedLayer
  readonly payload?: Uint8Array
}

/** LIP-243: what a segment holds, and why reassembly would refuse it. */
export function describeSegment(source: Uint8Array, scanned: Scanned): DescribedSegment {
  const segment = decodeSegment(source)
  const isCurrent = segment === undefined ? hasNumber(scanned, 4) : segment.dialect === 'current'
  const { fields, flaws } = describeFields(scanned, isCurrent ? CURRENT : LIP_243)
  const found = segment === undefined ? [] : segmentFlaws(segment)
  const dialect = isCurrent ? 'present dialect' : 'dialect of the older LIP-243'
  const layer: InspectedLayer = {
    kind: 'segment',
    title: `Segment, ${dialect}${segment === undefined ? '' : `, ${placeOf(segment)}`}`,
    lengthBytes: source.length,
    fields,
    flaws: [...flaws, ...found],
  }
  const isWhole = segment !== undefined && found.length === 0 && segment.dataCount === 1 && !segment.isParity
  return { layer, ...(isWhole && { payload: segment.content }) }
}

const hasNumber = ({ fields }: Scanned, wanted: number): boolean =>
  fields.some((field) => field.number === wanted && !(field.content instanceof Uint8Array))

function placeOf({ index, dataCount, parityCount, isParity }: Segment): string {
  const parity = parityCount > 0 ? ` and ${parityCount} parity` : ''
  return `${isParity ? 'parity ' : ''}${index + 1} of ${isParity ? parityCount : dataCount}${isParity ? '' : parity}`
}

/** Each rule that a segment breaks, in words; `validateSegment` has the last word. */
function segmentFlaws(segment: Segment): Flaw[] {
  const { hash, dataCount, parityCount, index, isParity, content, lengthBytes } = segment
  const flaws: Flaw[] = []
  const rule = (isKept: boolean, message: string): void => {
    if (!isKept) flaws.push(errorAt(message))
  }
  rule(hash.length === HASH_BYTES, `the payload hash has ${hash.length} bytes, expected ${HASH_BYTES}`)
  rule(dataCount >= 1, 'no data segments: there is at least one')
  rule(
    dataCount + parityCount <= MAX_SEGMENTS,
    `${dataCount} data and ${parityCount} parity segments, at most ${MAX_SEGMENTS} are taken`,
  )
  rule(parityCount <= dataCount, `more parity segments (${parityCount}) than data segments (${dataCount})`)
  const count = isParity ? parityCount : dataCount
  rule(index < count, `index ${index}, of ${count} ${isParity ? 'parity' : 'data'} segments, counted from 0`)
  const hasRoom = content.length > 0 || (!isParity && dataCount <= 1)
  rule(hasRoom, 'no content')
  rule(!isParity || content.length % 64 === 0, `parity of ${content.length} bytes, expected a multiple of 64`)
  if (flaws.length > 0) return flaws
  if (validateSegment(segment, Infinity) !== undefined) {
    return [
      errorAt(
        `${content.length} bytes of content do not fit a payload of ${lengthBytes} bytes in ${dataCount}`,
      ),
    ]
  }
  if (dataCount === 1 && !isParity && !equalBytes(keccak256(content), hash)) {
    return [errorAt('the content has another Keccak-256 than the payload hash: damaged, or made up')]
  }
  return []
}
