import { ensure } from './ensure.ts'

/** Bytes of copies for each byte of own content, and for each byte that others send. */
const FOR_OWN = 8
const FOR_HEARD = 3
/** Bytes at the start, and the most that is saved up. */
const FIRST_BYTES = 32 * 2 ** 20
const MOST_BYTES = 64 * 2 ** 20

/**
 * Bytes of copies that others may cause by saying what they lack. Whoever lies about that gets so many times what is
 * sent here, and beyond it three times what he sends himself.
 */
export class Allowance {
  #bytes = FIRST_BYTES

  /** Own content is sent for the first time. */
  sent(bytes: number): void {
    this.#bytes = Math.min(MOST_BYTES, this.#bytes + FOR_OWN * bytes)
  }

  /** A message of somebody was heard. */
  heard(bytes: number): void {
    this.#bytes = Math.min(MOST_BYTES, this.#bytes + FOR_HEARD * bytes)
  }

  /** Takes what a copy costs; returns whether it was there. */
  spend(bytes: number): boolean {
    if (this.#bytes < bytes) return false
    this.#bytes -= bytes
    return true
  }

  check(): void {
    ensure(this.#bytes >= 0 && this.#bytes <= MOST_BYTES, 6)
  }
}
