import { ensure } from './ensure.ts'

/** Bytes of copies for each byte of own content, and for each byte that others send. */
const FOR_OWN = 8
const FOR_HEARD = 3
/** Bytes at the start, and the most that is saved up. */
const FIRST_BYTES = 32 * 2 ** 20
const MOST_BYTES = 64 * 2 ** 20
/** Bytes of a message on the wire beside content and filter: its ids, and the names of those before it. */
const FRAME_BYTES = 512

/**
 * Bytes of copies that others may cause by saying what they lack. Whoever lies about that gets so many times what is
 * sent here, and beyond it three times what he sends himself.
 */
export class Allowance {
  readonly #filterBytes: number
  #bytes = FIRST_BYTES

  /** @param filterBytes Of the filter that goes with each copy of an own message. */
  constructor(filterBytes: number) {
    this.#filterBytes = filterBytes
  }

  /** Own content of so many bytes is sent for the first time. */
  sent(contentBytes: number): void {
    this.#add(FOR_OWN * this.#copyBytes(contentBytes))
  }

  /** A message of somebody was heard, of so many bytes in all. */
  heard(bytes: number): void {
    this.#add(FOR_HEARD * bytes)
  }

  /** Takes what a copy of own content costs; returns whether it was there. */
  spendCopy(contentBytes: number): boolean {
    return this.#spend(this.#copyBytes(contentBytes))
  }

  /** Takes what a repair costs, which has no filter; returns whether it was there. */
  spendRepair(contentBytes: number): boolean {
    return this.#spend(contentBytes + FRAME_BYTES)
  }

  check(): void {
    ensure(this.#bytes >= 0 && this.#bytes <= MOST_BYTES, 6)
  }

  #copyBytes(contentBytes: number): number {
    return contentBytes + this.#filterBytes + FRAME_BYTES
  }

  #add(bytes: number): void {
    this.#bytes = Math.min(MOST_BYTES, this.#bytes + bytes)
  }

  #spend(bytes: number): boolean {
    if (this.#bytes < bytes) return false
    this.#bytes -= bytes
    return true
  }
}
