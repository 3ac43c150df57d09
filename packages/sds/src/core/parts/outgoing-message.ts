import type { LogEntry } from '../history/log-entry.ts'
import type { Urgency } from '../input.ts'
import type { Due } from './due-heap.ts'

/** An own message that nobody has acknowledged yet. */
export interface OutgoingMessage extends Copied, Retransmitted {
  /** The work that its timer is for. */
  readonly type: 'retransmit'
  /** With its content. */
  readonly entry: LogEntry
  /** The network need not keep it, however often it is sent. */
  readonly ephemeral: boolean
  readonly priority: Urgency
  /** One of several parts of one content: it is told of each who has it. */
  readonly isPart: boolean
  /** Its number among own messages; see `OwnLog`. 0 of one that was restored. */
  readonly number: number
  /** Filters in which it appeared. */
  readonly hitCount: number
}

/** A record of the copies of an own message; most of it is about the latest. */
export interface Copied {
  /** When it was made, and its number among all copies of all messages; 0 before the first. */
  readonly madeAt: number
  readonly copy: number
  /** It was made, and its dispatch has not been reported. */
  readonly onTheWay: boolean
  /** A copy was dispatched, or that was tried. */
  readonly left: boolean
  /** When the latest was dispatched. */
  readonly dispatchedAt: number
  /** How much had arrived when its filter was made; see `Owed`. */
  readonly filterKnows: number
  /** Somebody lacks the message: a copy is to leave for that reason. */
  readonly isLacked: boolean
  /** Who lacked the message before it was made; `undefined` if it was made for another reason. */
  readonly lackedBy: string | undefined
  /** When somebody was seen to lack the message while it was on its way. */
  readonly lackedAt: number | undefined
  /** The messages whose latest copies were made before and after it. */
  readonly before: OutgoingMessage | undefined
  readonly after: OutgoingMessage | undefined
}

/** A record of the retransmissions of an own message. */
export interface Retransmitted {
  /** How often it was sent again. */
  readonly retransmissions: number
  /** Probes that had left when it was last sent for a reason. */
  readonly probes: number
  /** Of one that was restored: when it left last, in the participant's life. */
  readonly leftAt: number | undefined
  /** When it is sent again, if nothing is on its way. */
  readonly timer: Due | undefined
}
