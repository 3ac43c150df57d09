import { type Uint64, VarintReader, VarintWriter } from '@reliable-channels/wire'

/** Version byte of the stored form. */
const VERSION = 1
/** Spans remembered. @limit Older ones are joined, which can only make the ledger stricter about the past. */
const MAX_SPANS = 16

/** Bytes of the checksum at the end: a flipped bit must not spend the next thousand years. */
const CHECKSUM_BYTES = 4

/** FNV-1a, 32 bits: the checksum at the end of the stored form. */
export function checksum(bytes: readonly number[] | Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

function safe(value: Uint64): number {
  if (typeof value === 'bigint') throw new RangeError('number too large')
  return value
}

/** How much of the epochs `first` to `last` was used; a span of several epochs is wholly spent. */
interface Span {
  first: number
  last: number
  /** Released in the epoch, or `Infinity`: spent whatever the limit. */
  used: number
  /** Count in the stored form: never less than `used` once it is stored. */
  reserved: number
}

/**
 * The quota used, by epoch.
 *
 * It remembers more than the running epoch, so that a clock set back or forward finds the epochs that it comes back to
 * as it left them: no epoch is ever granted twice. Memory and stored form are bounded.
 */
export class Ledger {
  /** Ascending, disjoint. */
  readonly #spans: Span[] = []
  #recent: Span | undefined

  /** Released in `epoch` so far; `Infinity` when it counts as wholly spent. */
  used(epoch: number): number {
    return this.#find(epoch)?.used ?? 0
  }

  /** Counts `count` releases in `epoch`. */
  charge(epoch: number, count: number): void {
    this.#open(epoch).used += count
  }

  /** From now on the epochs `first` to `last` count as wholly spent. */
  spend(first: number, last: number): void {
    for (let i = this.#spans.length - 1; i >= 0; i--) {
      const span = this.#spans[i]!
      if (span.last < first || span.first > last) continue
      first = Math.min(first, span.first)
      last = Math.max(last, span.last)
      this.#spans.splice(i, 1)
    }
    this.#recent = undefined
    this.#insert({ first, last, used: Infinity, reserved: Infinity })
  }

  /**
   * Makes the stored form cover what was used in `epoch`, in steps of `block` up to `limit`.
   *
   * @returns Whether the stored form must be written.
   */
  reserve(epoch: number, block: number, limit: number): boolean {
    const span = this.#open(epoch)
    if (span.used <= span.reserved) return false
    span.reserved = Math.max(span.used, Math.min(limit, Math.ceil(span.used / block) * block))
    return true
  }

  /** The first epoch from `epoch` on of which fewer than `limit` (at least 1) are used. */
  nextWithRoom(epoch: number, limit: number): number {
    const spans = this.#spans
    let i = spans.length
    while (i > 0 && spans[i - 1]!.last >= epoch) i--
    for (; i < spans.length; i++) {
      const span = spans[i]!
      if (span.first > epoch || span.used < limit) break
      epoch = span.last + 1
    }
    return epoch
  }

  /**
   * Stored form: version, length of an epoch in ms, then for each span first (from the last one's end), last − first
   * and used + 1 (0: spent), all as varints; a checksum (4 bytes).
   */
  encode(epochMs: number): Uint8Array {
    const writer = new VarintWriter().byte(VERSION).number(epochMs)
    let at = 0
    for (const { first, last, reserved } of this.#spans) {
      if (reserved === 0) continue
      writer.number(first - at).number(last - first)
      writer.number(reserved === Infinity ? 0 : reserved + 1)
      at = last
    }
    const body = writer.finish()
    const bytes = new Uint8Array(body.length + CHECKSUM_BYTES)
    bytes.set(body)
    new DataView(bytes.buffer).setUint32(body.length, checksum(body))
    return bytes
  }

  /**
   * Takes over a stored form. One written with epochs of another length is translated, in favour of the limit.
   *
   * @throws RangeError when it is malformed; nothing is taken over then.
   */
  restore(stored: Uint8Array, epochMs: number): void {
    if (stored[0] !== VERSION) throw new RangeError(`expected version ${VERSION}, got ${stored[0]}`)
    const end = Math.max(1, stored.length - CHECKSUM_BYTES)
    const body = stored.subarray(0, end)
    const sum = stored.subarray(end).reduce((value, byte) => value * 256 + byte, 0)
    if (sum !== checksum(body)) throw new RangeError('wrong checksum')
    const reader = new VarintReader(body, 1, end, RangeError)
    const next = (): number => safe(reader.uint64())
    const writtenMs = next()
    if (writtenMs === 0) throw new RangeError('epochs of 0 ms')
    const read: Span[] = []
    for (let at = 0; !reader.done;) {
      if (read.length === MAX_SPANS) throw new RangeError(`more than ${MAX_SPANS} spans`)
      const first = at + next()
      const last = first + next()
      const used = next() - 1
      if (!Number.isSafeInteger((last + 1) * writtenMs)) throw new RangeError('epoch too large')
      if (read.length > 0 && first <= at) throw new RangeError('epochs out of order')
      if (last > first && used >= 0) throw new RangeError('several epochs with one count')
      read.push({ first, last, used, reserved: used })
      at = last
    }
    for (const { first, last, used } of read) {
      const from = Math.floor((first * writtenMs) / epochMs)
      const to = Math.floor(((last + 1) * writtenMs - 1) / epochMs)
      if (used < 0 || to > from) this.spend(from, to)
      else {
        this.charge(from, used)
        this.#open(from).reserved = this.used(from)
      }
    }
  }

  #find(epoch: number): Span | undefined {
    const recent = this.#recent
    const spans = this.#spans
    if (recent !== undefined && recent.first <= epoch && epoch <= recent.last) return recent
    for (let i = spans.length - 1; i >= 0; i--) {
      const span = spans[i]!
      if (span.last < epoch) return undefined
      if (span.first <= epoch) return (this.#recent = span)
    }
    return undefined
  }

  #open(epoch: number): Span {
    return this.#find(epoch) ?? this.#insert({ first: epoch, last: epoch, used: 0, reserved: 0 })
  }

  #insert(span: Span): Span {
    const spans = this.#spans
    let at = spans.length
    while (at > 0 && spans[at - 1]!.first > span.first) at--
    spans.splice(at, 0, span)
    if (spans.length > MAX_SPANS) this.#join(span)
    return (this.#recent = span)
  }

  /** Joins the two spans nearest to each other, but not across `current`. */
  #join(current: Span): void {
    const spans = this.#spans
    let best = -1
    let bestGap = Infinity
    for (let i = 0; i + 1 < spans.length; i++) {
      if (spans[i] === current || spans[i + 1] === current) continue
      const gap = spans[i + 1]!.first - spans[i]!.last
      if (gap < bestGap) {
        best = i
        bestGap = gap
      }
    }
    const { first } = spans[best]!
    const { last } = spans[best + 1]!
    spans.splice(best, 2, { first, last, used: Infinity, reserved: Infinity })
  }
}
