/** Bytes of the first chunk, and of the largest: each is as large as all before it, so that few records take little. */
const FIRST_CHUNK = 1_024
const CHUNK = 65_536
/** Largest record; larger ones would leave too much of a chunk unused. */
export const MOST_RECORD_BYTES = 8_192
/** In front of each record: its owner and its length. */
const HEAD_WORDS = 2
/** Owner of what was freed. */
const NOBODY = 0xffff_ffff
/** Chunks in use that are not worth tidying up. */
const FEW_CHUNKS = 4

interface Chunk {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  /** Words in use, from the start. */
  used: number
  /** Of those, words of records that were not freed. */
  live: number
}

/**
 * Keeps many small records of bytes in a few large pieces of memory, where the garbage collector need not look at them.
 * A chunk is given back when its last record is freed; when more than half of all is unused, what is left in the emptiest
 * chunk moves, so that records that stay long cannot hold on to the room of those between them.
 */
export class Arena {
  /** By number; one that was given back leaves its number to the next. */
  readonly #chunks: (Chunk | undefined)[] = []
  readonly #freeNumbers: number[] = []
  #count = 0
  #bytes = 0
  #live = 0
  /** Number of the chunk that is being filled. */
  #current = -1
  readonly #moved: (owner: number, address: number) => void

  /** @param moved - told of a record that is at another address from now on */
  constructor(moved: (owner: number, address: number) => void) {
    this.#moved = moved
  }

  /** Bytes of all chunks. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Copies a record of at most {@link MOST_RECORD_BYTES}; returns its address, an unsigned integer of 32 bits.
   *
   * @param owner - below 2³² - 1
   * @param source - starts with the word `start`
   * @param length - in bytes
   */
  put(owner: number, source: Uint32Array, start: number, length: number): number {
    const size = HEAD_WORDS + ((length + 3) >>> 2)
    const chunk = this.#room(size)
    const at = chunk.used
    const { words } = chunk
    words[at] = owner
    words[at + 1] = length
    words.set(source.subarray(start, start + size - HEAD_WORDS), at + HEAD_WORDS)
    chunk.used += size
    chunk.live += size
    this.#live += size
    return ((this.#current << 14) | at) >>> 0
  }

  /** The chunk that a record is in; not to be changed, and not to be kept. */
  chunkOf(address: number): Uint8Array {
    return this.#chunks[address >>> 14]!.bytes
  }

  /** Where in its chunk a record starts. */
  startOf(address: number): number {
    return 4 * ((address & 0x3fff) + HEAD_WORDS)
  }

  lengthOf(address: number): number {
    return this.#chunks[address >>> 14]!.words[(address & 0x3fff) + 1]!
  }

  free(address: number): void {
    const number = address >>> 14
    const chunk = this.#chunks[number]!
    const at = address & 0x3fff
    const size = HEAD_WORDS + ((chunk.words[at + 1]! + 3) >>> 2)
    chunk.words[at] = NOBODY
    chunk.live -= size
    this.#live -= size
    if (chunk.live === 0) this.#giveBack(number)
    while (this.#count > FEW_CHUNKS && this.#bytes > 2 * (4 * this.#live + CHUNK)) this.#tidyUp()
  }

  #room(size: number): Chunk {
    const current = this.#chunks[this.#current]
    if (current !== undefined && current.used + size <= current.words.length) return current
    const bytes = new Uint8Array(this.#sizeFor(size))
    const chunk = { bytes, words: new Uint32Array(bytes.buffer), used: 0, live: 0 }
    this.#current = this.#freeNumbers.pop() ?? this.#chunks.length
    this.#chunks[this.#current] = chunk
    this.#count++
    this.#bytes += bytes.length
    return chunk
  }

  /** Bytes of the next chunk, in which so many words have room. */
  #sizeFor(words: number): number {
    let bytes = FIRST_CHUNK
    while (bytes < CHUNK && (bytes < this.#bytes || bytes < 4 * words)) bytes *= 2
    return bytes
  }

  #giveBack(number: number): void {
    const chunk = this.#chunks[number]!
    if (number === this.#current) {
      chunk.used = 0
      return
    }
    this.#chunks[number] = undefined
    this.#freeNumbers.push(number)
    this.#count--
    this.#bytes -= chunk.bytes.length
  }

  /** Moves what is left in the emptiest chunk. */
  #tidyUp(): void {
    let emptiest = -1
    for (const [number, chunk] of this.#chunks.entries()) {
      if (chunk === undefined || number === this.#current) continue
      if (emptiest === -1 || chunk.live < this.#chunks[emptiest]!.live) emptiest = number
    }
    const { words, used } = this.#chunks[emptiest]!
    for (let at = 0; at < used;) {
      const owner = words[at]!
      const length = words[at + 1]!
      const size = HEAD_WORDS + ((length + 3) >>> 2)
      if (owner !== NOBODY) {
        this.#live -= size
        this.#moved(owner, this.put(owner, words, at + HEAD_WORDS, length))
      }
      at += size
    }
    this.#giveBack(emptiest)
  }
}
