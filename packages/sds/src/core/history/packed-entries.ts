import { SparseMap } from '@reliable-channels/stage/core'
import { Arena, MOST_RECORD_BYTES } from './arena.ts'
import { SMALL } from './content-store.ts'
import { packEntry, unpackEntry, unpackName } from './entry-packing.ts'
import { IdIndex } from './id-index.ts'
import type { IdCache } from './id-cache.ts'
import { type Lamport, lamportHigh, lamportLow, lamportOf } from '../wire/lamport.ts'
import {
  type LogEntry,
  type LogFields,
  type LogName,
  type Place,
  bytesOfNames,
  namedAs,
} from './log-entry.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { type Packer, isPacked, packerFor } from './packing.ts'

/** Longer causal histories stay the objects that they are: to pack them would take too long. */
const LONG = 16
/** Words for each slot: address, both halves of the timestamp, and the bytes that it counts for. */
const WORDS = 4
/** Address of a record that is not in the arena. */
const APART = 0xffff_ffff
/** Names kept as objects too, by the last bits of their slot: most of what is asked for is new. */
const RECENT = 256

/**
 * Log entries by number (*slot*) and by id, as bytes and integers in a few large pieces of memory: however many there
 * are, the garbage collector does not see them. An entry becomes an object when it is asked for.
 */
export class PackedEntries {
  readonly #ids: IdCache
  readonly #index = new IdIndex((slot, id) => this.#isOf(slot, id))
  readonly #arena = new Arena((slot, address) => (this.#fields[WORDS * slot] = address))
  readonly #packer: Packer
  #fields = new Uint32Array(64)
  /** Slots given out so far, and those among them that are free again. */
  #slots = 0
  readonly #free: number[] = []
  /** Records and contents too large for the arena, and long causal histories, by slot. */
  readonly #apart = new SparseMap<number, Uint8Array>()
  readonly #contents = new SparseMap<number, Uint8Array>()
  readonly #histories = new SparseMap<number, readonly HistoryEntry[]>()
  readonly #recent: (LogName | undefined)[] = []
  readonly #recentSlots: number[] = []

  /** @param hashKey - in [0, 1): makes it impossible to choose ids that are slow to find */
  constructor(hashKey: number) {
    this.#packer = packerFor(hashKey)
    this.#ids = this.#packer.ids
  }

  get size(): number {
    return this.#slots - this.#free.length
  }

  /** The slot of an id, or -1. */
  find(messageId: string): number {
    return this.#index.find(messageId, this.#ids.hashOf(messageId))
  }

  /** Adds an entry whose id is not in it; returns its slot. What is large of it is kept as it is, the rest is copied. */
  add(entry: LogFields): number {
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
    this.#index.add(slot, this.#ids.hashOf(entry.messageId))
    const { sequence, messageId, senderId, isLoose = false } = entry
    const named = namedAs(messageId, senderId)
    this.#keepRecent(slot, { sequence, messageId, senderId, lamport, isLoose, named })
    return slot
  }

  remove(slot: number): void {
    this.#index.remove(slot)
    this.#takeOut(slot)
    this.#free.push(slot)
  }

  get(slot: number): LogEntry {
    const address = this.#fields[WORDS * slot]!
    const lamport = this.#lamportOf(slot)
    const rest = { lamport, content: this.#contents.get(slot), causalHistory: this.#histories.get(slot) }
    const apart = this.#apart.get(slot)
    if (apart !== undefined) return unpackEntry(apart, 0, apart.length, rest)
    const start = this.#arena.startOf(address)
    const end = start + this.#arena.lengthOf(address)
    return unpackEntry(this.#arena.chunkOf(address), start, end, rest)
  }

  /** The name of an entry, at less cost than the entry. */
  nameOf(slot: number): LogName {
    const known = this.#recentAt(slot)
    if (known !== undefined) return known
    const address = this.#fields[WORDS * slot]!
    const lamport = this.#lamportOf(slot)
    if (address === APART) return unpackName(this.#apart.get(slot)!, 0, lamport)
    return unpackName(this.#arena.chunkOf(address), this.#arena.startOf(address), lamport)
  }

  /** Bytes of content, and of what is named where that is much. */
  bytesOf(slot: number): number {
    return this.#fields[WORDS * slot + 3]!
  }

  /** Drops what an entry counts bytes for: its content, and what it names if that counts; returns the rest. */
  dropContent(slot: number): LogEntry {
    const entry = this.get(slot)
    const keepsNames = this.bytesOf(slot) === entry.contentLength
    const rest = entry.with(keepsNames ? entry.causalHistory : [])
    this.#takeOut(slot)
    this.#put(slot, rest)
    return rest
  }

  /** Whether an entry stands before a place, in the order of the log. */
  isBefore(slot: number, { lamport, messageId }: Place): boolean {
    const at = WORDS * slot
    const high = this.#fields[at + 1]! - lamportHigh(lamport)
    if (high !== 0) return high < 0
    const low = this.#fields[at + 2]! - lamportLow(lamport)
    return low === 0 ? this.nameOf(slot).messageId < messageId : low < 0
  }

  #put(slot: number, entry: LogFields): void {
    const { content, causalHistory } = entry
    const packer = this.#packer
    const isLong = causalHistory.length > LONG
    const isLarge = content !== undefined && content.length > SMALL
    packEntry(packer, entry, isLong ? [] : causalHistory, isLarge ? undefined : content)
    if (isLong) this.#histories.set(slot, causalHistory)
    if (isLarge) this.#contents.set(slot, content)
    const { length } = packer
    const contentLength = content?.length ?? 0
    const isMuch = isLong || length - (isLarge ? 0 : contentLength) > SMALL
    if (length > MOST_RECORD_BYTES) this.#apart.set(slot, packer.bytes.slice(0, length))
    this.#fields[WORDS * slot] =
      length > MOST_RECORD_BYTES ? APART : this.#arena.put(slot, packer.words, 0, length)
    this.#fields[WORDS * slot + 3] = contentLength + (isMuch ? bytesOfNames(causalHistory) : 0)
  }

  #takeOut(slot: number): void {
    const address = this.#fields[WORDS * slot]!
    if (address === APART) this.#apart.delete(slot)
    else this.#arena.free(address)
    this.#contents.delete(slot)
    this.#histories.delete(slot)
    if (this.#recentAt(slot) !== undefined) this.#recent[slot % RECENT] = undefined
  }

  #keepRecent(slot: number, name: LogName): void {
    this.#recent[slot % RECENT] = name
    this.#recentSlots[slot % RECENT] = slot
  }

  #recentAt(slot: number): LogName | undefined {
    return this.#recentSlots[slot % RECENT] === slot ? this.#recent[slot % RECENT] : undefined
  }

  #lamportOf(slot: number): Lamport {
    return lamportOf(this.#fields[WORDS * slot + 1]!, this.#fields[WORDS * slot + 2]!)
  }

  #isOf(slot: number, messageId: string): boolean {
    const known = this.#recentAt(slot)
    if (known !== undefined) return known.messageId === messageId
    const address = this.#fields[WORDS * slot]!
    if (address === APART) return isPacked(messageId, this.#apart.get(slot)!, 0)
    return isPacked(messageId, this.#arena.chunkOf(address), this.#arena.startOf(address))
  }
}
