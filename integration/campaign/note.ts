/** Which messages of a member an author had: the latest one's number, and the earlier ones that were missing. */
export interface Known {
  readonly latest: number
  readonly but: readonly number[]
}

/** The content of a payload. */
export interface Note {
  /** `author:number`. */
  readonly id: string
  /** The vector clock of its author: what he had sent and received. */
  readonly after: Readonly<Record<string, Known>>
}

/** Which numbers of each member are in a set of ids. */
export function vectorOf(ids: Iterable<string>): Note['after'] {
  const numbers = new Map<string, number[]>()
  for (const id of ids) {
    const [author, n] = id.split(':') as [string, string]
    const list = numbers.get(author)
    if (list === undefined) numbers.set(author, [Number(n)])
    else list.push(Number(n))
  }
  const after: Record<string, Known> = {}
  for (const [author, list] of numbers) {
    const latest = Math.max(...list)
    const has = new Set(list)
    const but: number[] = []
    for (let n = 1; n < latest; n++) if (!has.has(n)) but.push(n)
    after[author] = { latest, but }
  }
  return after
}

/** The ids that a vector says. */
export function* idsOf(after: Note['after']): Generator<string> {
  for (const [author, { latest, but }] of Object.entries(after)) {
    const lacking = new Set(but)
    for (let n = 1; n <= latest; n++) if (!lacking.has(n)) yield `${author}:${n}`
  }
}

/** A payload of about that size, every stretch of which says whose it is and where. */
export function encodeNote(note: Note, bytes: number): Uint8Array {
  const head = `${JSON.stringify(note)}\n`
  const stretches: string[] = [head]
  for (let at = head.length, i = 0; at < bytes; i++) {
    const stretch = `#${note.id}@${i};`
    stretches.push(stretch)
    at += stretch.length
  }
  return new TextEncoder().encode(stretches.join(''))
}

export function decodeNote(payload: Uint8Array): Note {
  const end = payload.indexOf(10)
  return JSON.parse(new TextDecoder().decode(payload.subarray(0, end))) as Note
}

/** Whose content a segment is, as far as it says. */
export function idInSegment(content: Uint8Array): string | undefined {
  const text = Buffer.from(content.buffer, content.byteOffset, Math.min(content.length, 60_000)).toString(
    'latin1',
  )
  // A byte of the segment's own before half a name looks like the beginning of one.
  const [, id] =
    /"id":"([^"]+:\d+)"/.exec(text) ?? /;#([a-z]+:\d+)@/.exec(text) ?? /#([a-z]+:\d+)@/.exec(text) ?? []
  return id
}
