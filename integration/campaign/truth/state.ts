import { Carriers } from './carriers.ts'
import { Claims } from './claims.ts'
import type { Judged } from './judged.ts'
import { Requests } from './requests.ts'
import type { Sent } from './sent.ts'
import { Words } from './words.ts'

/** What the judge takes for possible. */
export interface TruthOptions {
  /** Whether messages have parity segments. */
  readonly hasParity: boolean
  /** Whether nothing happens that would excuse a message that is lost, or told not to be delivered. */
  readonly isStrict: boolean
}

/** What happened, part by part. Steps act on it. */
export class TruthState {
  readonly violations: string[] = []
  readonly sent = new Map<string, Sent>()
  readonly members = new Map<string, Judged>()
  /** Members whose store was lost, or is an old copy. */
  readonly forgetful = new Set<string>()
  readonly carriers = new Carriers()
  readonly requests = new Requests()
  readonly claims = new Claims()
  readonly words = new Words()
  /** When a message of several segments began to come to a member, by the names of both. */
  readonly begunAt = new Map<string, number>()
  readonly counts = { received: 0, delivered: 0, failed: 0, lost: 0, redelivered: 0, late: 0, withdrawn: 0 }
  /** How long each arrival took, ms, and the bytes that arrived. */
  readonly delaysMs: number[] = []
  arrivedBytes = 0
  readonly now: () => number
  readonly startMs: number
  readonly options: TruthOptions

  constructor(now: () => number, options: TruthOptions) {
    this.now = now
    this.startMs = now()
    this.options = options
  }

  violate(text: string): void {
    if (this.violations.length < 40) this.violations.push(`${this.seconds(this.now())} s: ${text}`)
  }

  /** A time, in seconds since the beginning. */
  seconds(atMs: number): string {
    return ((atMs - this.startMs) / 1000).toFixed(1)
  }

  /** Who has a message, of those who stay. */
  holders(id: string): Judged[] {
    return [...this.members.values()].filter(
      ({ isGone, memory }) => !isGone && (memory.has.has(id) || memory.accepted.has(id)),
    )
  }
}
