import type { SchedulerLike } from 'rxjs'

import { SkewEstimate } from './core/skew.ts'
import type { WakuDiagnostic } from './diagnostics.ts'
import type { TakenMessage } from './sending/outgoing.ts'
import type { Presence } from './store/presence.ts'
import { wait } from './with-timeout.ts'

/** A service node stores no message that differs from its own clock by more. */
const STORE_WINDOW_MS = 20_000
/** When it is asked whether a store has a message, after a service node took it, ms. */
const LOOK_AFTER_MS = [3000, 5000] as const
/** Time between two looks while all is well, and while it is not, ms. */
const CALM_MS = 600_000
const SUSPECT_MS = 30_000

/** The parts of the transport that the watch needs. */
export interface ClockWatchHost {
  readonly scheduler: SchedulerLike
  readonly presence: Presence
  readonly signal: AbortSignal
  readonly diagnose: (diagnostic: WakuDiagnostic) => void
}

/**
 * Notices that this machine's clock is wrong. Nothing else would tell: messages far off a service node's clock are
 * taken (200) and delivered, but not stored, so that whoever was away never gets them.
 */
export class ClockWatch {
  readonly #host: ClockWatchHost
  readonly #skew = new SkewEstimate()
  #nextLookMs = 0
  #looking = false
  #notStored = false
  #farOff = false

  constructor(host: ClockWatchHost) {
    this.#host = host
  }

  /** A message of somebody else has just been delivered. */
  received(timestampMs: number): void {
    this.#skew.add(timestampMs, this.#host.scheduler.now())
    const farOff = this.#skew.isBeyond(STORE_WINDOW_MS)
    if (farOff !== this.#farOff) this.#say(() => (this.#farOff = farOff), 'received')
  }

  /** A service node took an own message; now and then it is looked whether a store has it. */
  async taken({ message, pubsubTopic, hash }: TakenMessage): Promise<void> {
    const { scheduler, presence, signal } = this.#host
    if (message.ephemeral || this.#looking || scheduler.now() < this.#nextLookMs) return
    this.#looking = true
    let isStored: boolean | undefined
    try {
      for (const afterMs of LOOK_AFTER_MS) {
        await wait(scheduler, afterMs, signal)
        isStored = await presence.of(pubsubTopic, hash)
        if (isStored === true) break
      }
    } catch {
      // Closed meanwhile.
      return
    } finally {
      this.#looking = false
    }
    this.#nextLookMs = scheduler.now() + (isStored === true ? CALM_MS : SUSPECT_MS)
    // No store answered: nothing is known.
    if (isStored === undefined || this.#notStored === !isStored) return
    this.#say(() => (this.#notStored = !isStored), 'not-stored')
  }

  #say(change: () => void, evidence: 'not-stored' | 'received'): void {
    const wasSuspect = this.#notStored || this.#farOff
    change()
    const isSuspect = evidence === 'received' ? this.#farOff : this.#notStored
    if (!isSuspect) {
      if (wasSuspect && !this.#notStored && !this.#farOff) this.#host.diagnose({ type: 'clock-fine' })
      return
    }
    const { offsetMs } = this.#skew
    this.#host.diagnose({
      type: 'clock-suspect',
      evidence,
      ...(offsetMs !== undefined && { offsetMs }),
      message: explain(evidence, offsetMs),
    })
  }
}

function explain(evidence: 'not-stored' | 'received', offsetMs: number | undefined): string {
  const observed =
    evidence === 'not-stored'
      ? 'messages that service nodes took are kept by no store'
      : 'messages that have just arrived are not of this time'
  const offset =
    offsetMs === undefined
      ? ''
      : `; the clocks of others are ${Math.round(Math.abs(offsetMs) / 1000)} s ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine's`
  return (
    `${observed}${offset}. Is the clock of this machine right? ` +
    'Messages more than 20 s off a service node’s clock are delivered, but not stored'
  )
}
