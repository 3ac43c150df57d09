/** Appends `value`, a safe integer from 0, as a base-128 varint. */
export function appendVarint(bytes: number[], value: number): void {
  while (value >= 128) {
    bytes.push((value % 128) | 128)
    value = Math.floor(value / 128)
  }
  bytes.push(value)
}

/** Reads varints one after the other. Throws a `RangeError` at a malformed one. */
export function createVarintReader(bytes: Uint8Array, offset: number): { done(): boolean; next(): number } {
  return {
    done: () => offset >= bytes.length,
    next() {
      let value = 0
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[offset++]
        if (byte === undefined) throw new RangeError('truncated number')
        value += (byte & 127) * scale
        if (!Number.isSafeInteger(value)) throw new RangeError('number too large')
        if (byte < 128) return value
      }
    },
  }
}
