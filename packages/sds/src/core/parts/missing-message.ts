import type { Horizon } from './horizons.ts'
import type { Parked } from './parked-message.ts'
import type { Awaited } from './parked-room.ts'
import type { Wanted } from './repair-requests.ts'

/** A message that others name and that is not here. */
export interface MissingMessage extends Wanted, Awaited {
  /** Nothing waits for it, though it is asked for: what a newcomer hears first comes after it. */
  readonly isExcused: boolean
  /** It was given up before, and is looked for once more. */
  readonly isSought: boolean
  /** Something that comes after it, by what others name, was delivered without it. */
  readonly isLate?: boolean
  /** How long what a newcomer hears first waits for it, ms. */
  readonly patienceMs: number | undefined
  /** Where the memory of its sender's messages ended when it was found missing: what is newer was not here before. */
  readonly horizon: Horizon | undefined
  /** Under which number it is stored, where a sync message named it first. */
  readonly sequence: number | undefined
  /** The messages that wait for it; none if sync messages alone have named it. */
  readonly waiting: readonly Parked[]
}

/** Falls due when a missing message is given up. */
export interface GiveUp {
  readonly type: 'give-up'
  readonly missing: MissingMessage
}
