import {
  type BloomBits,
  type BloomParameters,
  bloomBytes,
  bloomParameters,
  modulo,
  pairHashOf,
  setBits,
} from './bloom.ts'
import { encodeNimFilter } from './bloom-codec.ts'
import type { Dialect } from '../wire/message.ts'

/** Room for so many hashes to begin with. */
const FEW = 16
const NO_HASHES = new Uint32Array(0)
/** The hashes of the id at hand. */
const pair = new Uint32Array(4)

/**
 * The bloom filter of what a participant has received: once it holds 1.2 times its capacity it is made anew of the
 * newest 0.8 times. LIP-109, "Participant state".
 *
 * In the `lip` dialect its size stays (a peer cannot read another); in `nim` it grows to 1.2 times, as nim-sds's does.
 */
export class RollingFilter {
  readonly #dialect: Dialect
  readonly #most: number
  readonly #least: number
  #parameters: BloomParameters
  /** Made when it is first needed: an idle channel has none. */
  #made: BloomBits | undefined
  /** The hashes of the ids, four words each, oldest first. */
  #hashes: Uint32Array = NO_HASHES
  #count = 0
  #wire: Uint8Array | undefined

  constructor(dialect: Dialect, capacity: number, errorRate: number) {
    this.#dialect = dialect
    this.#most = Math.floor((capacity * 120) / 100)
    this.#least = Math.floor((capacity * 80) / 100)
    this.#parameters = bloomParameters(capacity, errorRate)
  }

  get parameters(): BloomParameters {
    return this.#parameters
  }

  /** The bits as they are now; changes with the next {@link insert}. */
  get bits(): BloomBits {
    return this.#made ?? this.#make()
  }

  /** Most ids that it holds. */
  get most(): number {
    return this.#most
  }

  /** Ids held. */
  get count(): number {
    return this.#count
  }

  /** Adds an id; returns its hashes, which the next call overwrites, of any filter. */
  insert(id: string): Uint32Array {
    const at = 4 * this.#count
    if (at === this.#hashes.length) {
      const grown = new Uint32Array(Math.min(Math.max(2 * at, 4 * FEW), 4 * (this.#most + 1)))
      grown.set(this.#hashes)
      this.#hashes = grown
    }
    const hashes = this.#hashes
    const hashed = pair
    pairHashOf(this.#dialect)(id, hashed)
    for (let i = 0; i < 4; i++) hashes[at + i] = hashed[i]!
    this.#count++
    this.#wire = undefined
    if (this.#count > this.#most) this.#roll()
    else set(this.#made ?? this.#make(), hashes, at)
    return hashed
  }

  /** Takes ids out again, by making the filter anew. */
  remove(ids: readonly string[]): void {
    for (const id of ids) {
      pairHashOf(this.#dialect)(id, pair)
      const index = this.#find(pair)
      if (index === -1) continue
      this.#hashes.copyWithin(4 * index, 4 * index + 4, 4 * this.#count)
      this.#count--
    }
    this.#refill()
  }

  /** The filter as it is sent; in the `lip` dialect a view that the next {@link insert} changes. */
  toWire(): Uint8Array {
    if (this.#dialect === 'lip') return this.bits.bytes
    this.#wire ??= encodeNimFilter(this.#parameters, this.bits.bytes)
    return this.#wire
  }

  #roll(): void {
    this.#hashes.copyWithin(0, 4 * (this.#count - this.#least), 4 * this.#count)
    this.#count = this.#least
    if (this.#dialect === 'nim') {
      this.#parameters = {
        ...this.#parameters,
        capacity: this.#most,
        bits: (this.#parameters.bits / this.#parameters.capacity) * this.#most,
      }
    }
    this.#refill()
  }

  #refill(): void {
    const filter = this.#make()
    for (let i = 0; i < this.#count; i++) set(filter, this.#hashes, 4 * i)
    this.#wire = undefined
  }

  #make(): BloomBits {
    const { bits, hashCount } = this.#parameters
    const bytes = new Uint8Array(bloomBytes(bits))
    this.#made = { dialect: this.#dialect, bits, hashCount, bytes }
    return this.#made
  }

  #find(pair: Uint32Array): number {
    const hashes = this.#hashes
    for (let i = this.#count - 1; i >= 0; i--) {
      if (hashes[4 * i + 1] === pair[1] && hashes[4 * i + 3] === pair[3]) {
        if (hashes[4 * i] === pair[0] && hashes[4 * i + 2] === pair[2]) return i
      }
    }
    return -1
  }
}

/** Sets the bits of the id whose hashes begin there. */
function set(filter: BloomBits, hashes: Uint32Array, at: number): void {
  const { bits } = filter
  setBits(filter, modulo(hashes[at]!, hashes[at + 1]!, bits), modulo(hashes[at + 2]!, hashes[at + 3]!, bits))
}
