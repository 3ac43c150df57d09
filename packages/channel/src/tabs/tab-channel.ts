import type { Observable } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'

/** Where the channel runs: in this tab, in another, or nowhere at the moment, since tabs are changing the lead. */
export type TabRole = 'leader' | 'follower' | 'waiting'

/** A message that another tab has sent. */
export interface SentElsewhere {
  readonly requestId: string
  readonly messageId: string
  readonly payload: Uint8Array<ArrayBuffer>
}

/** One tab's end of a channel that runs in one tab for all; made by {@link openInTabs}. */
export interface TabChannel extends ReliableChannel {
  /** Where the channel runs: its latest value, then each change, until it is closed. */
  readonly role$: Observable<TabRole>
  readonly role: TabRole
  /** Messages that other tabs send, once they have an id: what this one did not send, and nobody else brings. Hot. */
  readonly sentElsewhere$: Observable<SentElsewhere>
}
