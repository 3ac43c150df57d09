import { type Place, comesBefore } from '../history/log-entry.ts'
import type { Settings } from '../settings.ts'
import { QueueMap } from './queue-map.ts'

/**
 * Senders with a horizon of their own: one for so many ids that are remembered, but a few.
 * @limit That raised longest ago joins the one of all others.
 */
const IDS_FOR_SENDER = 20
const FEW_SENDERS = 4

/** Up to where messages of a sender may have come and be forgotten; without a sender, of all others. */
export interface Horizon extends Place {
  /** Names it in the store. */
  readonly sequence: number
  readonly senderId: string | undefined
}

/** The changes when a horizon is raised: those to store, and the one that is no longer. */
export interface Raised {
  readonly stored: readonly Horizon[]
  readonly gone: Horizon | undefined
}

/**
 * Where memory ends: of each sender, the newest message whose id was forgotten. What is newer and was here before is
 * remembered; what is not may be a duplicate. Of each sender, because each one's messages bear rising timestamps: who was
 * away for long, or on the other side of a partition, is not taken for one who repeats.
 */
export class Horizons {
  readonly #bySender: QueueMap<string, Horizon>
  #rest: Horizon | undefined
  #newest: Horizon | undefined

  constructor({ maxMet }: Pick<Settings, 'maxMet'>) {
    this.#bySender = new QueueMap(Math.max(FEW_SENDERS, Math.floor(maxMet / IDS_FOR_SENDER)))
  }

  /** The horizon of a sender; the newest of all where it is not known whose message it is. */
  of(senderId: string | undefined): Horizon | undefined {
    return senderId === undefined ? this.#newest : (this.#bySender.get(senderId) ?? this.#rest)
  }

  /**
   * A message of a sender is forgotten. Returns what that changes, if anything.
   *
   * @param nextSequence Names a new entry in the store.
   */
  raise(senderId: string, { lamport, messageId }: Place, nextSequence: () => number): Raised | undefined {
    const known = this.#bySender.get(senderId)
    const before = known ?? this.#rest
    if (before !== undefined && !comesBefore(before, { lamport, messageId })) return undefined
    const horizon = { sequence: known?.sequence ?? nextSequence(), senderId, lamport, messageId }
    const gone = this.#put(horizon)
    if (gone === undefined || !this.#joinRest(gone)) return { stored: [horizon], gone }
    return { stored: [horizon, this.#rest!], gone }
  }

  /** It was stored. */
  restore(horizon: Horizon): void {
    const isOfRest = horizon.senderId === undefined
    const joins = isOfRest ? horizon : this.#isBehind(horizon) ? undefined : this.#put(horizon)
    if (joins !== undefined) this.#joinRest(joins)
  }

  /** Two that wrote at once have one each. */
  #isBehind(horizon: Horizon): boolean {
    const known = this.#bySender.get(horizon.senderId!)
    return known !== undefined && comesBefore(horizon, known)
  }

  /** Returns the one that joins that of all others for it. */
  #put(horizon: Horizon): Horizon | undefined {
    this.#noteNewest(horizon)
    return this.#bySender.put(horizon.senderId!, horizon)?.value
  }

  /** Returns whether that raised the one of all others. */
  #joinRest({ lamport, messageId }: Horizon): boolean {
    if (this.#rest !== undefined && !comesBefore(this.#rest, { lamport, messageId })) return false
    this.#rest = { sequence: 0, senderId: undefined, lamport, messageId }
    this.#noteNewest(this.#rest)
    return true
  }

  #noteNewest(horizon: Horizon): void {
    if (this.#newest === undefined || comesBefore(this.#newest, horizon)) this.#newest = horizon
  }
}
