/** Ethereum's recursive length prefix, as records of nodes use it: of a byte string. */
export function rlpBytes(bytes: Uint8Array): Uint8Array {
  const [first] = bytes
  if (bytes.length === 1 && first !== undefined && first < 0x80) return bytes
  return Buffer.concat([prefix(0x80, bytes.length), bytes])
}

/** The same of a list whose items are encoded already. */
export function rlpList(items: readonly Uint8Array[]): Uint8Array {
  const length = items.reduce((sum, item) => sum + item.length, 0)
  return Buffer.concat([prefix(0xc0, length), ...items])
}

/** Up to 55 bytes the length goes into the prefix; above, the prefix says how many bytes of length follow. */
function prefix(offset: number, length: number): Uint8Array {
  if (length <= 55) return new Uint8Array([offset + length])
  const digits = length > 0xff ? [length >> 8, length & 0xff] : [length]
  return new Uint8Array([offset + 55 + digits.length, ...digits])
}
