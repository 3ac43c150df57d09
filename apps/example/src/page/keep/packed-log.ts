import type { Change } from '@reliable-channels/store'

/** Records on disk. @limit What still holds of the oldest goes into the newest, and the oldest is deleted. */
const MAX_RECORDS = 64
const PREFIX = 'log/'
const DELETED = 0xff_ff_ff_ff

/**
 * Makes one record of many changes. The disk takes as long for each record as for ten times its bytes, and the frames of
 * the page wait for it: a busy conversation changes hundreds of entries a second.
 */
export class PackedLog {
  readonly #values = new Map<string, Uint8Array>()
  /** In which record the latest value of a key stands. */
  readonly #places = new Map<string, number>()
  /** The keys whose latest value each record has, the oldest record first. */
  readonly #records = new Map<number, Set<string>>()
  #next = 0

  /** @param records What is on disk. @throws RangeError where that is no log */
  constructor(records: ReadonlyMap<string, Uint8Array>) {
    for (const [name, bytes] of [...records].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (!name.startsWith(PREFIX)) throw new RangeError(`${name} is no record of a log`)
      this.#next = Number(name.slice(PREFIX.length))
      this.#apply(unpack(bytes))
    }
  }

  /** All that holds. */
  get values(): ReadonlyMap<string, Uint8Array> {
    return this.#values
  }

  /** Names of the records on disk. */
  get records(): readonly string[] {
    return [...this.#records.keys()].map(nameOf)
  }

  /** What to write so that these changes are on disk, all or none. */
  write(changes: readonly Change[]): Change[] {
    // Much comes and goes between two writes, and the disk never hears of it.
    const latest = new Map(changes.map(({ key, value }) => [key, value]))
    const told = [...latest]
      .map(([key, value]): Change => ({ key, value }))
      .filter(({ key, value }) => value !== undefined || this.#values.has(key))
    const gone: Change[] = []
    for (const [record, keys] of this.#records) {
      if (this.#records.size - gone.length < MAX_RECORDS) break
      gone.push({ key: nameOf(record), value: undefined })
      for (const key of keys) told.unshift({ key, value: this.#values.get(key)! })
    }
    for (const { key } of gone) this.#records.delete(Number(key.slice(PREFIX.length)))
    const name = nameOf(this.#next)
    this.#apply(told)
    return [...gone, { key: name, value: pack(told) }]
  }

  #apply(changes: readonly Change[]): void {
    const record = this.#next++
    const own = new Set<string>()
    this.#records.set(record, own)
    for (const { key, value } of changes) {
      this.#records.get(this.#places.get(key) ?? record)?.delete(key)
      if (value === undefined) {
        this.#values.delete(key)
        this.#places.delete(key)
      } else {
        this.#values.set(key, value)
        this.#places.set(key, record)
        own.add(key)
      }
    }
  }
}

/** Of one length, so that names sort as numbers do. */
const nameOf = (record: number): string => PREFIX + String(record).padStart(12, '0')

function pack(changes: readonly Change[]): Uint8Array {
  const encoder = new TextEncoder()
  const parts = changes.map(({ key, value }) => ({ name: encoder.encode(key), value }))
  const length = parts.reduce((sum, { name, value }) => sum + 8 + name.length + (value?.length ?? 0), 0)
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const { name, value } of parts) {
    view.setUint32(at, name.length)
    view.setUint32(at + 4, value?.length ?? DELETED)
    bytes.set(name, at + 8)
    at += 8 + name.length
    if (value === undefined) continue
    bytes.set(value, at)
    at += value.length
  }
  return bytes
}

function unpack(bytes: Uint8Array): Change[] {
  const decoder = new TextDecoder()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const changes: Change[] = []
  for (let at = 0; at < bytes.length;) {
    const [nameLength, valueLength] = [view.getUint32(at), view.getUint32(at + 4)]
    const from = at + 8 + nameLength
    const key = decoder.decode(bytes.subarray(at + 8, from))
    at = valueLength === DELETED ? from : from + valueLength
    if (at > bytes.length) throw new RangeError('a record of the log is cut off')
    changes.push({ key, value: valueLength === DELETED ? undefined : bytes.slice(from, at) })
  }
  return changes
}
