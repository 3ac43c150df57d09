import { Arena, MOST_RECORD_BYTES } from './arena.ts'
import { packEntry, unpackEntry } from './entry-packing.ts'
import { IdIndex } from './id-index.ts'
import { type HashKey, keyedHash } from './keyed-hash.ts'
import { lamportHigh, lamportLow, lamportOf } from './lamport.ts'
import type { LogEntry, Place } from './log-entry.ts'
import { Packer, Unpacker, isPacked } from './packing.ts'

/** Contents up to so many bytes are packed with their entries; larger ones stay the arrays that they are. */
const SMALL = 1_024
/** Words for each slot: address, both halves of the timestamp, length of the content. */
const WORDS = 4
/** Address of a record that is not in the arena. */
const APART = 0xffff_ffff
/** Entries kept as objects too, by the last bits of their slot: most of what is asked for is new. */
const RECENT = 64

/**
 * Log entries by number (*slot*) and by id, as bytes and integers in a few large pieces of memory: however many there
 * are, the garbage collector does not see them. An entry becomes an object when it is asked for.
 */
export class PackedEntries {
  readonly #key: HashKey
  readonly #index = new IdIndex((slot, id) => this.#isOf(slot, id))
  readonly #arena = new Arena((slot, address) => (this.#fields[WORDS * slot] = address))
  readonly #packer = new Packer()
  #fields = new Uint32Array(64)
  /** Slots given out so far, and those among them that are free again. */
  #slots = 0
  readonly #free: number[] = []
  /** Records and contents too large for the arena, by slot. */
  readonly #apart = new Map<number, Uint8Array>()
  readonly #contents = new Map<number, Uint8Array>()
  readonly #recent: (LogEntry | undefined)[] = Array.from({ length: RECENT }, () => undefined)
  /** The slots of the two that were added last, as a rule. */
  readonly #newest = [-1, -1]
  readonly #recentSlots = new Int32Array(RECENT).fill(-1)
  /** The id that was not found last: it is often added next. */
  #unknownId = ''
  #unknownHash: number

  constructor(key: HashKey) {
    this.#key = key
    this.#unknownHash = keyedHash('', key)
  }

  get size(): number {
    return this.#slots - this.#free.length
  }

  /** The slot of an id, or -1. */
  find(messageId: string): number {
    // What comes next names what came last.
    for (const slot of this.#newest) if (this.#recentAt(slot)?.messageId === messageId) return slot
    const hash = keyedHash(messageId, this.#key)
    const slot = this.#index.find(messageId, hash)
    if (slot === -1) {
      this.#unknownId = messageId
      this.#unknownHash = hash
    }
    return slot
  }

  /** Adds an entry whose id is not in it; returns its slot. Small contents are copied, large ones kept as they are. */
  add(entry: LogEntry): number {
    const slot = this.#free.pop() ?? this.#slots++
    if (WORDS * slot === this.#fields.length) {
      const fields = new Uint32Array(2 * this.#fields.length)
      fields.set(this.#fields)
      this.#fields = fields
    }
    const { lamport } = entry
    this.#fields[WORDS * slot + 1] = lamportHigh(lamport)
    this.#fields[WORDS * slot + 2] = lamportLow(lamport)
    this.#put(slot, entry)
    const { messageId } = entry
    const hash = messageId === this.#unknownId ? this.#unknownHash : keyedHash(messageId, this.#key)
    this.#index.add(slot, hash)
    this.#keepRecent(slot, entry)
    this.#newest[slot & 1] = slot
    return slot
  }

  remove(slot: number): void {
    this.#index.remove(slot)
    this.#takeOut(slot)
    this.#free.push(slot)
  }

  get(slot: number): LogEntry {
    const known = this.#recentAt(slot)
    if (known !== undefined) return known
    const fields = this.#fields
    const at = WORDS * slot
    const lamport = lamportOf(fields[at + 1]!, fields[at + 2]!)
    const address = fields[at]!
    const content = this.#contents.get(slot)
    const apart = this.#apart.get(slot)
    if (apart !== undefined) return unpackEntry(apart, 0, apart.length, lamport, content)
    const start = this.#arena.startOf(address)
    const end = start + this.#arena.lengthOf(address)
    return unpackEntry(this.#arena.chunkOf(address), start, end, lamport, content)
  }

  /** Bytes of content. */
  contentLength(slot: number): number {
    return this.#fields[WORDS * slot + 3]!
  }

  /** Drops the content of an entry; returns the rest. */
  dropContent(slot: number): LogEntry {
    const entry = this.get(slot)
    this.#takeOut(slot)
    entry.dropContent()
    this.#put(slot, entry)
    return entry
  }

  /** Whether an entry stands before a place, in the order of the log. */
  isBefore(slot: number, { lamport, messageId }: Place): boolean {
    const at = WORDS * slot
    const high = this.#fields[at + 1]! - lamportHigh(lamport)
    if (high !== 0) return high < 0
    const low = this.#fields[at + 2]! - lamportLow(lamport)
    return low === 0 ? this.#idOf(slot) < messageId : low < 0
  }

  #put(slot: number, entry: LogEntry): void {
    const { content } = entry
    const isLarge = content !== undefined && content.length > SMALL
    const packer = this.#packer
    packEntry(packer, entry, isLarge ? undefined : content)
    const { length } = packer
    if (isLarge) this.#contents.set(slot, content)
    if (length > MOST_RECORD_BYTES) this.#apart.set(slot, packer.bytes.slice(0, length))
    this.#fields[WORDS * slot] =
      length > MOST_RECORD_BYTES ? APART : this.#arena.put(slot, packer.words, 0, length)
    this.#fields[WORDS * slot + 3] = content?.length ?? 0
  }

  #takeOut(slot: number): void {
    const address = this.#fields[WORDS * slot]!
    if (address === APART) this.#apart.delete(slot)
    else this.#arena.free(address)
    if (this.contentLength(slot) > SMALL) this.#contents.delete(slot)
    if (this.#recentAt(slot) !== undefined) this.#recent[slot % RECENT] = undefined
  }

  #keepRecent(slot: number, entry: LogEntry): void {
    this.#recent[slot % RECENT] = entry
    this.#recentSlots[slot % RECENT] = slot
  }

  #recentAt(slot: number): LogEntry | undefined {
    return this.#recentSlots[slot % RECENT] === slot ? this.#recent[slot % RECENT] : undefined
  }

  #idOf(slot: number): string {
    const known = this.#recentAt(slot)
    if (known !== undefined) return known.messageId
    const address = this.#fields[WORDS * slot]!
    if (address === APART) return new Unpacker(this.#apart.get(slot)!, 0).text()
    return new Unpacker(this.#arena.chunkOf(address), this.#arena.startOf(address)).text()
  }

  #isOf(slot: number, messageId: string): boolean {
    const known = this.#recentAt(slot)
    if (known !== undefined) return known.messageId === messageId
    const address = this.#fields[WORDS * slot]!
    if (address === APART) return isPacked(messageId, this.#apart.get(slot)!, 0)
    return isPacked(messageId, this.#arena.chunkOf(address), this.#arena.startOf(address))
  }
}
