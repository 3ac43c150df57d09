import { MalformedBytes } from './malformed-bytes.ts'
import type { WireReader } from './wire-reader.ts'

/**
 * Reads the fields of a message to its end. Fields may come in any order; those that `read` leaves are passed over.
 *
 * @param read - reads the value that belongs to `tag` (field number × 8 + wire type) and returns `true`, or reads nothing
 *   and returns `false`
 * @returns whether the message was well-formed
 */
export function readFields(reader: WireReader, read: (tag: number) => boolean): boolean {
  try {
    while (!reader.done) {
      const tag = reader.tag()
      if (!read(tag)) reader.skip(tag)
    }
    return true
  } catch (error) {
    if (error instanceof MalformedBytes) return false
    throw error
  }
}
