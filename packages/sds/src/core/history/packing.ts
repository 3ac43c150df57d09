import { encodeText, hexOf, isHexOf, readText, writeHex, writeText } from '@reliable-channels/wire'
import { ID_BYTES, IdCache } from './id-cache.ts'
import { hashKeyOf } from './keyed-hash.ts'

/*
 * Texts and integers as they are kept in memory: integers as varints; texts as twice their length in bytes, plus 1 if the
 * bytes are those that the text says in hexadecimal, and the bytes. Most ids are hexadecimal, so that they take half.
 */

/** Lengths below this take one byte. */
const SHORT = 64

/** Collects what is packed. */
export class Packer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(2_048)
  words: Uint32Array = new Uint32Array(this.bytes.buffer)
  #view = new DataView(this.bytes.buffer)
  length = 0
  /** What is known of the ids that it packs. */
  readonly ids: IdCache

  constructor(ids: IdCache) {
    this.ids = ids
  }

  /** Starts anew. */
  reset(): void {
    this.length = 0
  }

  integer(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[this.length++] = rest
  }

  /** The same as {@link text}, for ids that come again and again. */
  id(id: string): void {
    this.#reserve(1 + ID_BYTES)
    if (!this.ids.write(id, this.#view, this.length + 1)) return this.text(id)
    this.bytes[this.length] = 2 * ID_BYTES + 1
    this.length += 1 + ID_BYTES
  }

  text(text: string): void {
    const { length } = text
    this.#reserve(1 + 3 * SHORT)
    const at = this.length + 1
    if (length < 2 * SHORT && length > 0 && writeHex(text, this.bytes, at)) {
      this.bytes[this.length] = length + 1
      this.length = at + length / 2
    } else if (3 * length < SHORT) {
      const count = writeText(text, this.bytes, at)
      this.bytes[this.length] = 2 * count
      this.length = at + count
    } else {
      const encoded = encodeText(text)
      this.integer(2 * encoded.length)
      this.raw(encoded)
    }
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    const bytes = new Uint8Array(4 * Math.ceil((this.length + count) / 2))
    bytes.set(this.bytes)
    this.bytes = bytes
    this.words = new Uint32Array(bytes.buffer)
    this.#view = new DataView(bytes.buffer)
  }
}

let shared: { readonly hashKey: number; readonly packer: Packer } | undefined

/** A packer for whoever has that key: one for all, whose cache of ids is larger than what most participants hold. */
export function packerFor(hashKey: number): Packer {
  if (shared?.hashKey !== hashKey) shared = { hashKey, packer: new Packer(new IdCache(hashKeyOf(hashKey))) }
  return shared.packer
}

/** Reads what was packed. */
export class Unpacker {
  readonly #bytes: Uint8Array
  #position: number

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.#position = start
  }

  get position(): number {
    return this.#position
  }

  integer(): number {
    let value = 0
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.#bytes[this.#position++]!
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
    }
  }

  text(): string {
    const head = this.integer()
    const start = this.#position
    this.#position += head >>> 1
    if (head % 2 === 1) return hexOf(this.#bytes, start, this.#position)
    return readText(this.#bytes, start, this.#position)
  }

  /** A copy of the next bytes. */
  raw(length: number): Uint8Array {
    const start = this.#position
    this.#position += length
    return this.#bytes.slice(start, this.#position)
  }
}

/** Whether the text that was packed at `start` is `text`. */
export function isPacked(text: string, bytes: Uint8Array, start: number): boolean {
  const head = bytes[start]!
  if (head < 2 * SHORT && head % 2 === 1) return text.length === head - 1 && isHexOf(text, bytes, start + 1)
  return new Unpacker(bytes, start).text() === text
}
