import type { Member } from './member.ts'

/** How a member is. */
export interface Constitution {
  readonly name: string
  /** Without one, everything is forgotten when the process ends. */
  readonly hasStore: boolean
  readonly offsetMs?: number
  readonly drift?: number
  /** Told of what came. */
  readonly onReceived?: (member: Member, id: string) => void
  readonly onDelivered?: (member: Member, id: string) => void
}

/** How a member wakes. */
export interface Waking {
  /** Whether overdue timers fire before what came meanwhile is heard. */
  readonly timersFirst: boolean
  /** Whether timers went on meanwhile. */
  readonly counted: boolean
  /** How long it takes to connect again. */
  readonly connectMs: number
}
