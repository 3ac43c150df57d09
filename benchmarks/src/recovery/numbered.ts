/** A payload of so many bytes, at least 4, that says which one it is. */
export function numbered(number: number, bytes = 100): Uint8Array {
  const payload = new Uint8Array(bytes)
  new DataView(payload.buffer).setUint32(0, number)
  return payload
}

/** Which one a {@link numbered} payload is. */
export function numberOf({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset).getUint32(0)
}
