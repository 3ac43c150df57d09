/** One message in the archive of a node. */
export interface ArchiveRow {
  readonly hashHex: string
  readonly hash: Uint8Array
  /** Nanoseconds since 1970. */
  readonly timestamp: bigint
  readonly pubsubTopic: string
  readonly contentTopic: string
  /** The encoded message. */
  readonly bytes: Uint8Array
}

/** Criteria of a query; absent or empty ones match everything. */
export interface ArchiveQuery {
  readonly pubsubTopic: string | undefined
  readonly contentTopics: readonly string[]
  /** First and last timestamp, both inclusive. */
  readonly timeStart: bigint | undefined
  readonly timeEnd: bigint | undefined
  /** Only these; an empty list matches nothing. */
  readonly hashes: readonly string[] | undefined
  /** Hash of the row after (before, if not `forward`) which the page starts. */
  readonly cursor: string | undefined
  readonly forward: boolean
  readonly limit: number
}

/** A page in ascending order of (timestamp, hash) in both directions; `cursor` when there is more. */
export interface ArchivePage {
  readonly rows: readonly ArchiveRow[]
  readonly cursor: ArchiveRow | undefined
}

/** Bounds of an archive. */
export interface ArchiveLimits {
  readonly retentionMs: number
  readonly maxMessages: number
  readonly maxBytes: number
}

/** The messages a node keeps, ordered by (timestamp, hash); the oldest go first when it is full. */
export class Archive {
  readonly #limits: ArchiveLimits
  readonly #rows: ArchiveRow[] = []
  readonly #byHash = new Map<string, ArchiveRow>()
  #bytes = 0

  constructor(limits: ArchiveLimits) {
    this.#limits = limits
  }

  /** How many messages are held. */
  get size(): number {
    return this.#rows.length
  }

  /** Every row, oldest first. */
  rows(): readonly ArchiveRow[] {
    return this.#rows
  }

  /** Keeps a message; returns false for one that is already there or that falls out at once. */
  add(row: ArchiveRow, now: number): boolean {
    if (this.#byHash.has(row.hashHex)) return false
    this.#rows.splice(firstAfter(this.#rows, row.timestamp, row.hashHex), 0, row)
    this.#byHash.set(row.hashHex, row)
    this.#bytes += row.bytes.length
    this.prune(now)
    return this.#byHash.has(row.hashHex)
  }

  /** Forgets what is older than the retention or beyond the limits. */
  prune(now: number): void {
    const oldest = BigInt(Math.floor(now - this.#limits.retentionMs)) * 1_000_000n
    let gone = 0
    let count = this.#rows.length
    for (const row of this.#rows) {
      const keep =
        row.timestamp >= oldest && count <= this.#limits.maxMessages && this.#bytes <= this.#limits.maxBytes
      if (keep) break
      this.#byHash.delete(row.hashHex)
      this.#bytes -= row.bytes.length
      count--
      gone++
    }
    if (gone > 0) this.#rows.splice(0, gone)
  }

  /** One page, or `undefined` when the cursor names no row. */
  query(query: ArchiveQuery, now: number): ArchivePage | undefined {
    this.prune(now)
    const cursor = query.cursor === undefined ? undefined : this.#byHash.get(query.cursor)
    if (query.cursor !== undefined && cursor === undefined) return undefined

    const candidates = query.hashes === undefined ? this.#rows : this.#named(query.hashes)
    const matches = matcher(query)
    const step = query.forward ? 1 : -1
    const found: ArchiveRow[] = []
    let index = query.forward ? 0 : candidates.length - 1
    if (cursor !== undefined) {
      const after = firstAfter(candidates, cursor.timestamp, cursor.hashHex)
      index = query.forward ? after : after - 1
      if (!query.forward && candidates[index] === cursor) index--
    }
    for (; found.length <= query.limit; index += step) {
      const row = candidates[index]
      if (row === undefined) break
      if (matches(row)) found.push(row)
    }
    const more = found.length > query.limit
    if (more) found.pop()
    const last = found.at(-1)
    if (!query.forward) found.reverse()
    return { rows: found, cursor: more ? last : undefined }
  }

  #named(hashes: readonly string[]): ArchiveRow[] {
    const rows = new Set<ArchiveRow>()
    for (const hash of hashes) {
      const row = this.#byHash.get(hash)
      if (row !== undefined) rows.add(row)
    }
    return [...rows].sort((a, b) => (isAfter(a, b.timestamp, b.hashHex) ? 1 : -1))
  }
}

function matcher(query: ArchiveQuery): (row: ArchiveRow) => boolean {
  const { pubsubTopic, timeStart, timeEnd } = query
  const contentTopics = query.contentTopics.length === 0 ? undefined : new Set(query.contentTopics)
  return (row) =>
    (pubsubTopic === undefined || row.pubsubTopic === pubsubTopic) &&
    (contentTopics === undefined || contentTopics.has(row.contentTopic)) &&
    (timeStart === undefined || row.timestamp >= timeStart) &&
    (timeEnd === undefined || row.timestamp <= timeEnd)
}

/** Index of the first row that comes after the given place in the order. */
function firstAfter(rows: readonly ArchiveRow[], timestamp: bigint, hashHex: string): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(rows[middle] as ArchiveRow, timestamp, hashHex)) high = middle
    else low = middle + 1
  }
  return low
}

function isAfter(row: ArchiveRow, timestamp: bigint, hashHex: string): boolean {
  return row.timestamp === timestamp ? row.hashHex > hashHex : row.timestamp > timestamp
}
