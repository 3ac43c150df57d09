/** Four tables, so that four bytes are taken at a time: `TABLES[n]` is for a byte with n more behind it. */
const TABLES: readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array] = [
  new Uint32Array(256),
  new Uint32Array(256),
  new Uint32Array(256),
  new Uint32Array(256),
]

for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  TABLES[0][byte] = crc
}
for (let n = 1; n < 4; n++) {
  for (let byte = 0; byte < 256; byte++) {
    const crc = TABLES[n - 1]![byte]!
    TABLES[n]![byte] = (crc >>> 8) ^ TABLES[0][crc & 0xff]!
  }
}

/**
 * CRC-32 (ISO-HDLC, as in zip and PNG) of `bytes` from `start`.
 *
 * @param crc The result of an earlier call, to go on from.
 */
export function crc32(bytes: Uint8Array, start = 0, crc = 0): number {
  const [t0, t1, t2, t3] = TABLES
  const end = bytes.length
  let state = ~crc
  let i = start
  for (; i + 4 <= end; i += 4) {
    state ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    state = t3[state & 0xff]! ^ t2[(state >>> 8) & 0xff]! ^ t1[(state >>> 16) & 0xff]! ^ t0[state >>> 24]!
  }
  for (; i < end; i++) state = (state >>> 8) ^ t0[(state ^ bytes[i]!) & 0xff]!
  return ~state >>> 0
}
