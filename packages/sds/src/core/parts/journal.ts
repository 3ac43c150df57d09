import type { Change } from '@reliable-channels/store'
import type { LogFields } from '../history/log-entry.ts'
import type {
  AnswerRecord,
  ClockRecord,
  LifeRecord,
  MissingRecord,
  OutgoingRecord,
} from '../store/records.ts'
import type { HorizonKind, Numbered } from '../store/stored-keys.ts'
import type { Horizon } from './horizons.ts'
import type { MetId } from './met-ids.ts'

/** An entry of the store that has an id. */
export interface Named {
  readonly sequence: number
  readonly messageId: string
}

/**
 * The changes that the present step wants stored. What they look like is known to `store/` alone, which a participant
 * that stores nothing does without.
 */
export interface Journal {
  readonly isEmpty: boolean
  clock(clock: ClockRecord): void
  life(record: LifeRecord): void
  message(entry: LogFields): void
  met(id: MetId): void
  /** @param since When it was parked, in the participant's life. */
  parked(sequence: number, since: number): void
  outgoing(sequence: number, record: OutgoingRecord): void
  missing(sequence: number, record: MissingRecord): void
  answer(sequence: number, record: AnswerRecord): void
  horizon(kind: HorizonKind, horizon: Horizon): void
  forgetNamed(kind: 'log' | 'met', entry: Named): void
  forget(kind: Numbered, sequence: number): void
  forgetHorizon(kind: HorizonKind, horizon: Horizon): void
  /** Takes out what is to be stored. */
  take(): readonly Change[]
}
