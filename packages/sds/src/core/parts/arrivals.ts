/** Messages closer together count as one, ms. */
const BURST_MS = 250
/** A longer gap says nothing of what comes next, ms; nor does an acknowledgement wait longer for more. */
const LONGEST_MS = 4_000
/** Gaps in a row after which more is expected. */
const ENOUGH = 4

/** Messages of its own after which a participant goes by these. */
const KNOWN = 8

/** How much has come, and how much was missed at first; of all participants on one network, together. */
export interface Losses {
  arrived: number
  missed: number
}

/**
 * How content comes and goes: steadily, so that more is to be expected soon and acknowledgements may wait for it, or not;
 * and how much of it had been missed at first.
 */
export class Arrivals {
  #lastAt = -Infinity
  #gapMs = 0
  /** Gaps in a row that were neither short nor long. */
  #steady = 0
  readonly #own: Losses = { arrived: 0, missed: 0 }
  /** Those of all on this network, this participant included. */
  readonly #all: Losses

  constructor(all: Losses = { arrived: 0, missed: 0 }) {
    this.#all = all
  }

  /** Content was sent. */
  sent(now: number): void {
    this.#note(now)
  }

  /** Content has come; `inOrder`: nothing before it was missing. */
  came(now: number, inOrder: boolean): void {
    this.#own.arrived++
    this.#all.arrived++
    this.#note(now)
    if (!inOrder) this.#steady = 0
  }

  /** A message was found missing. */
  missed(): void {
    this.#own.missed++
    this.#all.missed++
    this.#steady = 0
  }

  /** How long an acknowledgement may wait for more, ms: none in a hurry comes alone. */
  get patienceMs(): number {
    return this.#steady < ENOUGH ? 0 : Math.min(4 * this.#gapMs, LONGEST_MS)
  }

  /** Share of messages that are missed at first, at least: a few alone do not tell. */
  get leastLoss(): number {
    const { arrived, missed } = this.#own
    if (missed === 0) return 0
    return Math.max(0, missed - 2 * Math.sqrt(missed)) / (arrived + missed + 3)
  }

  /**
   * Copies of which all but one in twenty would be heard, from 1 to 3: as others on this network find, until enough is known
   * here; taken for half lost before anything is known.
   */
  get copies(): number {
    const { arrived, missed } = this.#own.arrived + this.#own.missed < KNOWN ? this.#all : this.#own
    const loss = (missed + 1.6) / (arrived + missed + 3)
    return Math.max(1, Math.min(3, Math.round(Math.log(0.05) / Math.log(loss))))
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#lastAt += ms
  }

  #note(now: number): void {
    const gapMs = now - this.#lastAt
    this.#lastAt = now
    if (gapMs < BURST_MS) return
    if (gapMs > LONGEST_MS) this.#steady = 0
    else {
      this.#gapMs = this.#steady === 0 ? gapMs : this.#gapMs + (gapMs - this.#gapMs) / 4
      this.#steady++
    }
  }
}
