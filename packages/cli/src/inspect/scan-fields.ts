import { MalformedBytes, type Uint64, WIRE, WireReader } from '@reliable-channels/wire'
import { type Flaw, errorAt } from './inspection.ts'

/** A field of Protocol Buffers as it stands in the bytes. */
export interface ScannedField {
  readonly number: number
  /** The last three bits of its tag. */
  readonly wireType: number
  /** Where its tag begins. */
  readonly offset: number
  /** Where the next field begins. */
  readonly end: number
  /** Its number, its bytes as a view, or `undefined` for other wire types. */
  readonly content: Uint64 | Uint8Array | undefined
}

/** Fields up to the first that cannot be read, and why that cannot. */
export interface Scanned {
  readonly fields: readonly ScannedField[]
  readonly flaw?: Flaw
}

/** A reader that knows where it is. */
class Scanner extends WireReader {
  get at(): number {
    return this.position
  }
}

/** Reads as many fields as there are, of bytes that may be anything. */
export function scanFields(bytes: Uint8Array): Scanned {
  const reader = new Scanner(bytes)
  const fields: ScannedField[] = []
  let offset = 0
  try {
    while (!reader.done) {
      offset = reader.at
      const tag = reader.tag()
      const wireType = tag & 7
      let content: Uint64 | Uint8Array | undefined
      if (wireType === WIRE.varint) content = reader.uint64()
      else if (wireType === WIRE.bytes) content = reader.view()
      else reader.skip(tag)
      fields.push({ number: tag >>> 3, wireType, offset, end: reader.at, content })
    }
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error
    return { fields, flaw: errorAt(`${error.message}: cut off here, or damaged`, offset) }
  }
  return { fields }
}
