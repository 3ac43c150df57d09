import type { Change, Entry } from '@reliable-channels/store'
import { Ledger } from './ledger.ts'
import type { Charged } from './line.ts'

/** The answer of a quota provider: the epoch it is in, and how many messages that epoch allows. */
export interface ProvidedQuota {
  /** Number of the provider's running epoch; a change of it means a fresh quota. Safe integer from 0. */
  readonly epoch: number
  /** Messages that the epoch allows, from 0. */
  readonly limit: number
  /**
   * Messages that were left in it when this answer was made, as RLN modules report it; then no more leave than that, however
   * many have left by one's own count: others may use the membership too.
   * @default limit, and what is counted here
   */
  readonly remaining?: number
}

/** The answer of a provider that has none yet: nothing may leave until it has. */
export const HOLD: ProvidedQuota = { epoch: 0, limit: 0 }

/** Asked before each release; may throw or return `undefined`, and is called often: it should be cheap. */
export type QuotaProvider = () => ProvidedQuota | undefined

/** Options of {@link EpochQuota}. */
export interface EpochQuotaOptions {
  readonly epochMs: number
  readonly messagesPerEpoch: number
  /** At the end of each epoch nothing leaves for so long, ms. */
  readonly marginMs: number
  readonly quota?: QuotaProvider | undefined
  readonly restore?: Iterable<Entry> | undefined
  readonly onCorrupt?: ((key: string, reason: string) => void) | undefined
}

const WALL_KEY = 'wall'
const PROVIDED_KEY = 'provided'
/** Releases that one stored reservation covers, and so most that a crash wastes. @limit The next one is stored. */
const MAX_BLOCK = 64
/** How often a provider that holds things up is asked again, at most (ms). */
const POLL_MS = 1000

/**
 * The quota of aligned epochs: `floor(time / epochMs)`, as RLN counts them.
 *
 * A provider can only tighten it: a release needs room in the epoch of the wall clock and in the provider's,
 * and counts in both. So neither a provider that comes and goes nor one that is out of step grants an epoch twice.
 */
export class EpochQuota {
  /** Epoch of the wall clock at the last {@link look}. */
  epoch = 0
  /** Messages allowed in it: the configured cap or what the provider gives, whichever is less. */
  limit: number
  readonly #wall = new Ledger()
  readonly #provided = new Ledger()
  /** The provider's epoch at the last {@link look}, if it said. */
  providedEpoch: number | undefined
  /** The epoch is about to end: nothing leaves in it any more. */
  #ending = false
  /** The provider's last answer, and the epoch of the wall clock in which it came: it holds until then if the provider fails. */
  #lastLimit = Infinity
  #lastLimitEpoch = -1
  /** The latest answer that told how much remains, and how much was used by then. */
  #told: ProvidedQuota | undefined
  #usedWhenTold = 0
  /** The stored quota was corrupt: the first epoch seen counts as spent. */
  #inDoubt = false
  readonly #options: EpochQuotaOptions

  constructor(options: EpochQuotaOptions) {
    this.#options = options
    this.limit = options.messagesPerEpoch
    for (const { key, value } of options.restore ?? []) {
      try {
        if (key === WALL_KEY) this.#wall.restore(value, options.epochMs)
        else if (key === PROVIDED_KEY) this.#provided.restore(value, 1)
      } catch (error) {
        if (key === WALL_KEY) this.#inDoubt = true
        options.onCorrupt?.(key, (error as Error).message)
      }
    }
  }

  /** Notes the time and the provider's answer. */
  look(now: number): void {
    const { epochMs, messagesPerEpoch, marginMs } = this.#options
    this.epoch = Math.max(0, Math.floor(now / epochMs))
    this.#ending = now >= this.epochEndsAt - marginMs
    if (this.#inDoubt) {
      this.#wall.spend(this.epoch, this.epoch)
      this.#inDoubt = false
    }
    const provided = this.#ask()
    this.providedEpoch = provided?.epoch
    if (provided === HOLD) {
      this.providedEpoch = undefined
      this.limit = 0
      return
    }
    if (provided !== undefined) {
      this.#lastLimit = Math.floor(provided.limit)
      this.#lastLimitEpoch = this.epoch
    } else if (this.#lastLimitEpoch !== this.epoch) {
      this.#lastLimit = Infinity
    }
    this.limit = Math.min(messagesPerEpoch, this.#lastLimit)
    if (provided?.remaining === undefined) this.#told = undefined
    else if (provided !== this.#told) {
      this.#told = provided
      this.#usedWhenTold = this.#charged()
    }
  }

  /** Messages that may leave now. */
  room(): number {
    return this.#ending ? 0 : Math.max(0, Math.floor(this.limit - this.#inUse()))
  }

  /** Whether what was released counts in the epoch that runs. */
  isCurrent({ epoch, providedEpoch }: Charged, now: number): boolean {
    this.look(now)
    return (
      epoch === this.epoch &&
      (providedEpoch === this.providedEpoch ||
        providedEpoch === undefined ||
        this.providedEpoch === undefined)
    )
  }

  /** Messages that left in the running epoch. More than the limit when that has shrunk. */
  used(): number {
    const inUse = this.#inUse()
    return inUse === Infinity ? this.limit : inUse
  }

  /** Counts `count` releases; what it returns must be stored before they are seen. */
  charge(count: number): Change[] {
    const changes: Change[] = []
    const block = Math.min(MAX_BLOCK, Math.max(1, Math.floor(this.limit / 16)))
    this.#wall.charge(this.epoch, count)
    if (this.#wall.reserve(this.epoch, block, this.limit)) {
      changes.push({ key: WALL_KEY, value: this.#wall.encode(this.#options.epochMs) })
    }
    if (this.providedEpoch !== undefined) {
      this.#provided.charge(this.providedEpoch, count)
      if (this.#provided.reserve(this.providedEpoch, block, this.limit)) {
        changes.push({ key: PROVIDED_KEY, value: this.#provided.encode(1) })
      }
    }
    return changes
  }

  /** When the running epoch ends, ms. */
  get epochEndsAt(): number {
    return (this.epoch + 1) * this.#options.epochMs
  }

  /** Start of the first epoch of the wall clock that has room, ms; `undefined` while the provider allows nothing. */
  get nextRoomAt(): number | undefined {
    if (this.limit === 0) return undefined
    return this.#wall.nextWithRoom(this.epoch, this.limit) * this.#options.epochMs
  }

  /** Having no room at `now`: when to look again. */
  lookAgainAt(now: number): number {
    const { epochMs } = this.#options
    const next = this.nextRoomAt
    if (this.#ending) return this.epochEndsAt
    const poll = now + Math.max(1, Math.min(POLL_MS, epochMs / 20))
    // No room although the wall clock's epoch has some: it is the provider that holds things up.
    return next === undefined || next <= now ? poll : next
  }

  /** Messages of the running epoch that are used, by one's own count or the provider's. */
  #inUse(): number {
    const charged = this.#charged()
    const { remaining } = this.#told ?? {}
    // Of an epoch that is wholly spent nothing is left, whatever is told.
    if (remaining === undefined || charged === Infinity) return charged
    return Math.max(charged, this.limit - Math.max(0, remaining - (charged - this.#usedWhenTold)))
  }

  #charged(): number {
    const used = this.#wall.used(this.epoch)
    return this.providedEpoch === undefined ? used : Math.max(used, this.#provided.used(this.providedEpoch))
  }

  #ask(): ProvidedQuota | undefined {
    try {
      const provided = this.#options.quota?.()
      if (provided === undefined) return undefined
      const { epoch, limit, remaining = 0 } = provided
      return Number.isSafeInteger(epoch) && epoch >= 0 && limit >= 0 && remaining >= 0 ? provided : undefined
    } catch {
      return undefined
    }
  }
}
