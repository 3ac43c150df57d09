import type { MissingMessage } from './parked.ts'
import type { Answer } from './repairs.ts'
import type { SyncDue } from './sync-plan.ts'
import type { PeriodicSync } from './silence.ts'
import type { OutgoingMessage } from './unacknowledged.ts'

/** What falls due. */
export type Work =
  | OutgoingMessage
  | { readonly type: 'give-up'; readonly missing: MissingMessage }
  | Answer
  | { readonly type: 'unsay'; readonly message: OutgoingMessage }
  | SyncDue
  | PeriodicSync
