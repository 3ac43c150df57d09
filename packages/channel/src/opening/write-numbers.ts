import type { Change, Entry } from '@reliable-channels/store'
import { MalformedBytes, WireReader, WireWriter } from '@reliable-channels/wire'
import { UNREADABLE } from '../core/record.ts'

/**
 * Numbers the writes of a channel, in the writes themselves, so that one that the medium has lost while it has later ones
 * leaves a hole that is seen when the channel is opened: LevelDB passes over damaged blocks of its log without a word.
 */
export interface WriteNumbers {
  /** Makes a write, with its number among the changes. After one that failed the next has the same number. */
  write(changes: readonly Change[]): Promise<void>
}

/** Options of {@link createWriteNumbers}. */
export interface WriteNumbersOptions {
  /** Writes to the store. */
  readonly write: (changes: readonly Change[]) => Promise<void>
  /** What earlier writes have left. */
  readonly restore: Iterable<Entry>
  /** Before the keys. */
  readonly keyPrefix: string
  /** Tells the writes of this channel from those of another on the same store, in [0, 1). */
  readonly writer: number
  readonly onCorrupt: (key: string, reason: string) => void
}

/** A number is kept until as many others of its kind have come. */
const KEPT = 256
/**
 * Kinds of numbers: multiples of 512, of 64, of 8, and all others. What is kept of each shows a hole of one write among the
 * last 256, of 8 among the last 2,048, and so on: a block of LevelDB's log holds the more writes the shorter they are.
 */
const STEPS = [512, 64, 8, 1] as const
const WRITERS = 2 ** 32
const NO_KEY = 'the key of an entry is no text: it is not stored'
/** Stands for whoever lost a write that was told. */
const NOBODY = 0

/** One write, as it is kept. */
interface Write {
  readonly number: number
  /** The first of the same writer. */
  readonly first: number
  readonly writer: number
}

/** Makes the numbers of a channel's writes, and tells what is missing among those that are stored. */
export function createWriteNumbers({
  write,
  restore,
  keyPrefix,
  writer: chance,
  onCorrupt,
}: WriteNumbersOptions): WriteNumbers {
  const writer = NOBODY + 1 + Math.floor(chance * WRITERS)
  const stored = new Map<string, Write | undefined>()
  for (const { key, value } of restore) {
    const known = decode(value)
    if (known === undefined) onCorrupt(key, UNREADABLE)
    stored.set(key, known)
  }
  const newest = newestOf(stored)
  const missing = newest === 0 ? [] : missingFrom(stored, newest)
  if (missing.length > 0) {
    const detail = `writes are missing: ${missing.length} of the numbers that are kept, the first is ${missing[0]}`
    onCorrupt('', detail)
  }
  const first = newest + 1
  let next = first
  let untold = missing.map((number) => ({
    key: keyPrefix + keyOf(number),
    value: encode({ number, first: number, writer: NOBODY }),
  }))
  return {
    async write(given) {
      const number = next
      const value = encode({ number, first, writer })
      // No store would take the write, nor any that comes after it.
      const changes = given.filter(({ key }) => key.isWellFormed())
      if (changes.length < given.length) onCorrupt('', NO_KEY)
      await write([...changes, ...untold, { key: keyPrefix + keyOf(number), value }])
      // One that took too long may end after others.
      next = Math.max(next, number + 1)
      // What was told is told once.
      untold = []
    },
  }
}

const stepOf = (number: number): number => STEPS.find((step) => number % step === 0)!

function keyOf(number: number): string {
  const step = stepOf(number)
  return `${step}/${(number / step) % KEPT}`
}

function newestOf(stored: ReadonlyMap<string, Write | undefined>): number {
  let newest = 0
  for (const write of stored.values()) if (write !== undefined && write.number > newest) newest = write.number
  return newest
}

/** Numbers, lowest first, that should be kept and are not, as far as one writer followed upon the other. */
function missingFrom(stored: ReadonlyMap<string, Write | undefined>, newest: number): number[] {
  if (wroteAtOnce(stored.values())) return []
  const missing: number[] = []
  for (const step of STEPS) {
    const latest = newest - (newest % step)
    for (let number = latest; number > Math.max(0, latest - step * KEPT); number -= step) {
      if (stepOf(number) !== step) continue
      const key = keyOf(number)
      // One that is damaged has been told.
      const isDamaged = stored.has(key) && stored.get(key) === undefined
      if (!isDamaged && stored.get(key)?.number !== number) missing.push(number)
    }
  }
  return missing.sort((a, b) => a - b)
}

/** Whether two wrote who did not know of each other: each numbers its own. */
function wroteAtOnce(writes: Iterable<Write | undefined>): boolean {
  const ranges = new Map<number, { first: number; last: number }>()
  for (const write of writes) {
    if (write === undefined || write.writer === NOBODY) continue
    const { writer, first, number } = write
    const range = ranges.get(writer)
    if (range === undefined) ranges.set(writer, { first, last: number })
    else range.last = Math.max(range.last, number)
  }
  const inOrder = [...ranges.values()].sort((a, b) => a.first - b.first)
  return inOrder.some(({ last }, i) => i + 1 < inOrder.length && last >= inOrder[i + 1]!.first)
}

/** Encodes as: number, how much lower the first of the same writer is, writer. */
function encode({ number, first, writer }: Write): Uint8Array {
  return new WireWriter()
    .varint(NUMBER, number)
    .varint(SINCE, number - first)
    .varint(WRITER, writer)
    .finish()
}

const NUMBER = 1
const SINCE = 2
const WRITER = 3

function decode(value: Uint8Array): Write | undefined {
  const fields: number[] = []
  try {
    const reader = new WireReader(value, 0)
    while (!reader.done) {
      const tag = reader.tag()
      if (tag % 8 !== 0 || tag > 8 * WRITER) return undefined
      fields[tag / 8] = Number(reader.uint64())
    }
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error
    return undefined
  }
  const number = fields[NUMBER] ?? 0
  const first = number - (fields[SINCE] ?? 0)
  if (!Number.isSafeInteger(number) || first < 1) return undefined
  return { number, first, writer: fields[WRITER] ?? 0 }
}
