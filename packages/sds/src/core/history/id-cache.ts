import { encodeText, writeHex } from '@reliable-channels/wire'
import { type HashKey, keyedHash } from './keyed-hash.ts'

/** Ids remembered. */
const PLACES = 1_024
/** Bytes of most ids, which are twice as long in hexadecimal. */
export const ID_BYTES = 32

/**
 * Hash and bytes of ids seen lately: the same ones come again and again, in one causal history after another. An id has
 * its place by a few of its characters, and gives way to the next that has the same.
 */
export class IdCache {
  readonly #key: HashKey
  readonly #ids: (string | undefined)[] = new Array<undefined>(PLACES).fill(undefined)
  readonly #hashes = new Int32Array(PLACES)
  readonly #words = new Uint32Array((PLACES * ID_BYTES) / 4)
  readonly #bytes = new Uint8Array(this.#words.buffer)
  readonly #view = new DataView(this.#words.buffer)
  /** 1 where `#bytes` are what the id says. */
  readonly #isHex = new Uint8Array(PLACES)

  constructor(key: HashKey) {
    this.#key = key
  }

  /** The keyed hash of an id: of the bytes that it says in hexadecimal, or else of those of its text. */
  hashOf(id: string): number {
    return this.#hashes[this.#placeOf(id)]!
  }

  /** Writes the bytes of an id of 64 hexadecimal digits; returns false, and writes nothing, for any other. */
  write(id: string, target: DataView, at: number): boolean {
    const place = this.#placeOf(id)
    if (this.#isHex[place] === 0) return false
    const view = this.#view
    const from = ID_BYTES * place
    // Words, wherever they lie: byte by byte it takes five times as long.
    for (let i = 0; i < ID_BYTES; i += 4) target.setUint32(at + i, view.getUint32(from + i))
    return true
  }

  #placeOf(id: string): number {
    const { length } = id
    let place = length
    for (let i = 1; i <= 4; i++) place = Math.imul(place, 31) + id.charCodeAt(length - i)
    place = (place ^ (place >>> 10)) & (PLACES - 1)
    if (this.#ids[place] !== id) {
      this.#ids[place] = id
      const isHex = length === 2 * ID_BYTES && writeHex(id, this.#bytes, ID_BYTES * place)
      this.#isHex[place] = isHex ? 1 : 0
      this.#hashes[place] = isHex
        ? keyedHash(this.#words, (ID_BYTES / 4) * place, ID_BYTES, this.#key)
        : hashOfText(id, this.#key)
    }
    return place
  }
}

function hashOfText(text: string, key: HashKey): number {
  const bytes = encodeText(text)
  const words = new Uint32Array((bytes.length + 3) >> 2)
  new Uint8Array(words.buffer).set(bytes)
  return keyedHash(words, 0, bytes.length, key)
}
