import type { Uint64 } from '@reliable-channels/wire'
import type { SenderIdentity } from './segment-set.ts'

/** Below it what a sender sent may belong to a message that was complete and is forgotten. */
export interface CompletedHorizon {
  /** `undefined`: of all who have none of their own. */
  readonly sender: SenderIdentity
  /** Ephemeral messages have an order of their own. */
  readonly ephemeral: boolean
  readonly below: Uint64
  /** Where it is stored. */
  readonly recordKey: string
}

/** Senders with a horizon of their own. @limit The one raised longest ago joins that of all others. */
const MAX_SENDERS = 1_000

/** Where the memory of complete messages ends, for each sender. */
export class CompletedHorizons {
  /** Raised longest ago first. */
  readonly #horizons = new Map<string, CompletedHorizon>()

  isBeyond(sender: SenderIdentity, ephemeral: boolean, at: Uint64): boolean {
    const horizon = this.#get(sender, ephemeral) ?? this.#get(undefined, ephemeral)
    return horizon !== undefined && at < horizon.below
  }

  /**
   * Raises the horizon of a sender, if it is lower.
   *
   * @param newKey Names a new one in the store.
   */
  raise(
    { sender, ephemeral, below }: Omit<CompletedHorizon, 'recordKey'>,
    newKey: () => string,
  ): { readonly stored: readonly CompletedHorizon[]; readonly gone: readonly CompletedHorizon[] } {
    const known = this.#get(sender, ephemeral)
    if (known !== undefined && known.below >= below) return { stored: [], gone: [] }
    const horizon = { sender, ephemeral, below, recordKey: known?.recordKey ?? newKey() }
    this.#set(horizon)
    if (this.#horizons.size <= MAX_SENDERS) return { stored: [horizon], gone: [] }
    const gone = this.#takeOldest()
    const rest = this.raise({ ...gone, sender: undefined }, newKey)
    return { stored: [horizon, ...rest.stored], gone: [gone, ...rest.gone] }
  }

  /** It was stored. @returns whether it counts */
  restore(horizon: CompletedHorizon): boolean {
    const { sender, ephemeral, below } = horizon
    const known = this.#get(sender, ephemeral)
    // Two that wrote at once have one each.
    if (known !== undefined && known.below >= below) return false
    this.#set(horizon)
    return true
  }

  #get(sender: SenderIdentity, ephemeral: boolean): CompletedHorizon | undefined {
    return this.#horizons.get(keyOf(sender, ephemeral))
  }

  #takeOldest(): CompletedHorizon {
    for (const [key, horizon] of this.#horizons) {
      if (horizon.sender === undefined) continue
      this.#horizons.delete(key)
      return horizon
    }
    throw new Error('there is no sender')
  }

  #set(horizon: CompletedHorizon): void {
    const key = keyOf(horizon.sender, horizon.ephemeral)
    this.#horizons.delete(key)
    this.#horizons.set(key, horizon)
  }
}

const keyOf = (sender: SenderIdentity, ephemeral: boolean): string =>
  `${ephemeral ? 'e' : 't'}${sender === undefined ? '' : `/${sender}`}`
