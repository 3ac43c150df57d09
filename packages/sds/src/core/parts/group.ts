import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import type { Settings } from '../settings.ts'
import { ensure } from './ensure.ts'

/** Participants are no longer counted after so long a silence. */
const SILENCE_MS = 600_000
/** How often it is noted that a participant spoke. */
const NOTED_MS = 60_000
/**
 * Other participants remembered. Anybody can make up senders: who has his turn among many made up is asked again.
 * @limit The one noted longest ago is forgotten.
 */
const MOST_HEARD = 127
/**
 * Other participants counted. What is merely heard must not put an acknowledgement off beyond `ackSyncMinMs` and four
 * times the time from there to `ackSyncMaxMs`.
 * @limit Further ones are not counted.
 */
const MOST_COUNTED = 15

/** Who takes part in the channel: as many as the settings say, or as were heard lately. */
export class Group {
  readonly #settings: Pick<Settings, 'groupSize' | 'random'>
  /** Others heard lately: id → when, the one noted longest ago first. */
  readonly #heard = new SparseMap<string, number>()
  /** Those of whom an earlier process parked messages. */
  readonly #heardBefore = new SparseSet<string>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Participants in the channel, this one included, as configured; or as many as were heard lately, up to 16. */
  get size(): number {
    return this.#settings.groupSize ?? Math.min(this.#heard.size, MOST_COUNTED) + 1
  }

  /** Others heard lately, but for one. */
  othersThan(participantId: string | undefined): readonly string[] {
    return [...this.#heard.keys()].filter((id) => id !== participantId)
  }

  /** Whether a participant was heard lately. */
  hasHeard(participantId: string): boolean {
    return this.#heard.has(participantId)
  }

  /** Whether a participant was heard lately, or by an earlier process. */
  wasHeard(participantId: string): boolean {
    return this.#heard.has(participantId) || this.#heardBefore.has(participantId)
  }

  /** An earlier process heard a participant. */
  restore(participantId: string): void {
    if (this.#heardBefore.size < MOST_HEARD) this.#heardBefore.add(participantId)
  }

  /** Whether anybody was heard lately, but for one. */
  hasHeardOthersThan(participantId: string): boolean {
    return this.#heard.size > (this.#heard.has(participantId) ? 1 : 0)
  }

  /** Notes that a participant was heard. Returns whether that is news: none of late was. */
  hear(participantId: string, now: number): boolean {
    const heard = this.#heard
    const silentMs = now - (heard.get(participantId) ?? -Infinity)
    if (silentMs < NOTED_MS) return false
    heard.delete(participantId)
    heard.set(participantId, now)
    for (const [id, at] of heard) {
      if (heard.size <= MOST_HEARD && at > now - SILENCE_MS) break
      heard.delete(id)
    }
    return silentMs > SILENCE_MS
  }

  /** A random time up to `ms`, longer in groups of more than four: so that about as many speak at a time in any group. */
  backoffMs(ms: number): number {
    return this.#settings.random() * ms * Math.max(1, this.size / 4)
  }

  check(): void {
    ensure(this.#heard.size <= MOST_HEARD && this.#heardBefore.size <= MOST_HEARD, 6)
  }

  /** The clock was moved: who is there will be heard again. */
  shift(): void {
    this.#heard.clear()
  }
}
