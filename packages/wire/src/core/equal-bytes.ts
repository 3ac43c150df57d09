/** Of fewer bytes a view costs more than it saves. */
const SHORT = 128

/** Whether both hold the same bytes. Not for secrets: it stops at the first difference. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  const { length } = a
  if (length !== b.length) return false
  let i = 0
  if (length >= SHORT) {
    const words = new DataView(a.buffer, a.byteOffset, length)
    const others = new DataView(b.buffer, b.byteOffset, length)
    for (; i + 8 <= length; i += 8) if (words.getBigInt64(i) !== others.getBigInt64(i)) return false
  }
  for (; i < length; i++) if (a[i] !== b[i]) return false
  return true
}
