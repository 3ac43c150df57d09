import type { Waiting } from './line.ts'
import { Ring } from './ring.ts'

/** Optional frames in the order in which they expire. All have the same lifetime. */
export class Expiries<F> {
  /** Those that left meanwhile, or whose lifetime began anew, are skipped. */
  readonly #entries = new Ring<{ readonly item: Waiting<F>; readonly at: number }>()
  readonly #lifetimeMs: number

  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs
  }

  /** Begins the lifetime of a frame. `waiting` frames may expire at present. */
  begin(item: Waiting<F>, now: number, waiting: number): void {
    if (item.line.priority !== 2 || this.#lifetimeMs === Infinity) return
    item.expiresAt = now + this.#lifetimeMs
    this.#entries.push({ item, at: item.expiresAt })
    if (this.#entries.length > 2 * waiting + 64) {
      this.#entries.retain(({ item: { gone, expiresAt }, at }) => !gone && expiresAt === at)
    }
  }

  /** Takes out the next frame whose lifetime is over. */
  due(now: number): Waiting<F> | undefined {
    for (let first = this.#entries.peek(); first !== undefined; first = this.#entries.peek()) {
      const { item, at } = first
      const valid = !item.gone && item.expiresAt === at
      if (valid && at > now) return undefined
      this.#entries.shift()
      if (valid) return item
    }
    return undefined
  }

  /** Time of the next look, ms; at times too early. */
  get nextAt(): number | undefined {
    return this.#entries.peek()?.at
  }
}
