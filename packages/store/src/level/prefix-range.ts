/** The keys that start with `prefix`, as bounds. UTF-8 has no byte 255, so the last byte can always be raised. */
export function prefixRange(prefix: Uint8Array): { gte?: Uint8Array; lt?: Uint8Array } {
  if (prefix.length === 0) return {}
  const end = prefix.slice()
  end[end.length - 1]! += 1
  return { gte: prefix, lt: end }
}
