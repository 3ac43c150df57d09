/** Bytes of an object or an entry, about. */
const OBJECT_BYTES = 16

/** About how many bytes a value takes, counted no further than `most`; views count as what they show. */
export function sizeOf(value: unknown, most: number): number {
  const waiting: unknown[] = [value]
  const seen = new Set<object>()
  let bytes = 0
  for (let one = waiting.pop(); bytes <= most; one = waiting.pop()) {
    if (typeof one === 'string') bytes += one.length
    else if (ArrayBuffer.isView(one)) bytes += one.byteLength
    else if (typeof one === 'object' && one !== null && !seen.has(one)) {
      seen.add(one)
      const inner = one instanceof Map ? [...one.keys(), ...one.values()] : Object.values(one)
      bytes += OBJECT_BYTES + 8 * inner.length
      waiting.push(...inner)
    }
    if (waiting.length === 0) break
  }
  return bytes
}
