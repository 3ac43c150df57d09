import { UnsupportedFormatError } from '../errors.ts'
import type { CorruptReason } from '../store.ts'
import { crc32 } from './crc32.ts'

/** Version of the layout below. */
const FORMAT = 1

/** Version and checksum. */
const HEADER_BYTES = 5

/** A value as it is stored: format version (1 byte), CRC-32 of version, key and value (4, little-endian), value. */
export function encodeStored(key: Uint8Array, value: Uint8Array): Uint8Array {
  const stored = new Uint8Array(HEADER_BYTES + value.length)
  stored[0] = FORMAT
  stored.set(value, HEADER_BYTES)
  new DataView(stored.buffer).setUint32(1, checksum(key, stored), true)
  return stored
}

/**
 * Reads what {@link encodeStored} made; a copy, and a plain `Uint8Array` whatever the database hands out.
 *
 * @returns The value, or why there is none.
 * @throws {@link UnsupportedFormatError} when the entry is sound and of a version of the format that is not known here.
 */
export function decodeStored(key: Uint8Array, stored: Uint8Array): Uint8Array | CorruptReason {
  if (stored.length < HEADER_BYTES) return 'truncated'
  const view = new DataView(stored.buffer, stored.byteOffset, HEADER_BYTES)
  if (view.getUint32(1, true) !== checksum(key, stored)) return 'checksum'
  const format = stored[0]!
  if (format !== FORMAT) throw new UnsupportedFormatError(format)
  return new Uint8Array(stored.subarray(HEADER_BYTES))
}

function checksum(key: Uint8Array, stored: Uint8Array): number {
  return crc32(stored, HEADER_BYTES, crc32(key, 0, crc32(stored.subarray(0, 1))))
}
