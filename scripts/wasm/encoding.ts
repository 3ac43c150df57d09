/** Bytes of a WebAssembly binary, as a list that is spliced into longer ones. */
export type Code = readonly number[]

/** An unsigned integer as LEB128. */
export function unsigned(value: number): Code {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return bytes
}

/** A signed integer as LEB128. */
export function signed(value: bigint): Code {
  const bytes: number[] = []
  let rest = value
  while (rest < -64n || rest > 63n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest & 0x7fn))
  return bytes
}

/** A vector: the number of items, then the items. */
export function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

/** A name: its length in bytes, then ASCII text. */
export function name(text: string): Code {
  return [...unsigned(text.length), ...Array.from(text, (letter) => letter.charCodeAt(0))]
}

/** A section: its id, its length, its content. */
export function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content]
}
