import type { Conditions } from './conditions.ts'

/** Whether loss came in a burst when it was last looked. */
interface Spell {
  isBurst: boolean
  atMs: number
}

/**
 * Bursts of loss between any two peers: a chain of two states in continuous time (Gilbert 1960, Elliott 1963), so that a
 * burst lasts as long whether many messages meet it or few.
 */
export class Bursts {
  readonly #links = new Map<string, Spell>()

  /**
   * Whether a burst lasts now on the way from one peer to another.
   *
   * @param drawn A number in [0, 1), which decides.
   */
  lasts(link: string, nowMs: number, drawn: number, conditions: Required<Conditions>): boolean {
    const { burstLoss, burstMs, calmMs } = conditions
    // Nobody can tell, and nothing is kept.
    if (burstLoss === 0) return false
    const usual = calmMs === Infinity ? 0 : burstMs / (burstMs + calmMs)
    const spell = this.#links.get(link)
    if (spell === undefined) {
      const isBurst = drawn < usual
      this.#links.set(link, { isBurst, atMs: nowMs })
      return isBurst
    }
    const fading = Math.exp((spell.atMs - nowMs) * (1 / burstMs + 1 / calmMs))
    spell.isBurst = drawn < usual + (Number(spell.isBurst) - usual) * fading
    spell.atMs = nowMs
    return spell.isBurst
  }
}
