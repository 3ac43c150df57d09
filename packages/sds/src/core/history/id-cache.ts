import { writeHex } from '@reliable-channels/wire'
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
  readonly #ids: (string | undefined)[] = Array.from({ length: PLACES }, () => undefined)
  readonly #hashes = new Int32Array(PLACES)
  readonly #bytes = new Uint8Array(PLACES * ID_BYTES)
  /** 1 where `#bytes` are what the id says. */
  readonly #isHex = new Uint8Array(PLACES)

  constructor(key: HashKey) {
    this.#key = key
  }

  /** The keyed hash of an id. */
  hashOf(id: string): number {
    return this.#hashes[this.#placeOf(id)]!
  }

  /** Writes the bytes of an id of 64 hexadecimal digits; returns false, and writes nothing, for any other. */
  write(id: string, target: Uint8Array, at: number): boolean {
    const place = this.#placeOf(id)
    if (this.#isHex[place] === 0) return false
    const from = ID_BYTES * place
    for (let i = 0; i < ID_BYTES; i++) target[at + i] = this.#bytes[from + i]!
    return true
  }

  #placeOf(id: string): number {
    const { length } = id
    let place = length
    for (let i = 1; i <= 4; i++) place = Math.imul(place, 31) + id.charCodeAt(length - i)
    place = (place ^ (place >>> 10)) & (PLACES - 1)
    if (this.#ids[place] !== id) {
      this.#ids[place] = id
      this.#hashes[place] = keyedHash(id, this.#key)
      const isHex = length === 2 * ID_BYTES && writeHex(id, this.#bytes, ID_BYTES * place)
      this.#isHex[place] = isHex ? 1 : 0
    }
    return place
  }
}
