/** What happened, and whether it may. */
import type { SdsMessage } from '@reliable-channels/sds/core'
import type { Note } from './note.ts'
import type { Claim } from './truth/claims.ts'
import type { Judged } from './truth/judged.ts'
import { missing } from './truth/missing.ts'
import { type ChannelEvent, type ReceivedEvent, receive } from './truth/receive.ts'
import type { Sent } from './truth/sent.ts'
import { TruthState } from './truth/state.ts'
import { tell } from './truth/tell.ts'

export type { Judged } from './truth/judged.ts'
export { type Memory, copyMemory, newMemory } from './truth/memory.ts'
export type { Order } from './truth/sent.ts'

/** Judges what members are told, by what was said. */
export class Truth {
  readonly #state: TruthState

  constructor(now: () => number, { hasParity = false, isStrict = false } = {}) {
    this.#state = new TruthState(now, { hasParity, isStrict })
  }

  get violations(): readonly string[] {
    return this.#state.violations
  }

  /** Payloads that members sent, by id. */
  get sent(): Map<string, Sent> {
    return this.#state.sent
  }

  /** Who was named to have what. */
  get claims(): readonly Claim[] {
    return this.#state.claims.all()
  }

  get counts(): TruthState['counts'] {
    return this.#state.counts
  }

  /** How long each arrival took, ms. */
  get delaysMs(): readonly number[] {
    return this.#state.delaysMs
  }

  get arrivedBytes(): number {
    return this.#state.arrivedBytes
  }

  violate(text: string): void {
    this.#state.violate(text)
  }

  member(judged: Judged): void {
    this.#state.members.set(judged.name, judged)
  }

  /** From now on nothing is in anybody's way. */
  calm(): void {
    this.#state.words.calm()
  }

  /** A message was on the wire. */
  carried(message: SdsMessage): void {
    const { words, carriers, members, now } = this.#state
    words.hear(message, members.get(message.senderId)?.memory, now())
    carriers.hear(message)
  }

  carriedBy(messageId: string): string | undefined {
    return this.#state.carriers.idOf(messageId)
  }

  requested(requestId: string, id: string): void {
    this.#state.requests.add(requestId, id)
  }

  idOf(requestId: string): string | undefined {
    return this.#state.requests.get(requestId)?.id
  }

  /** A member's process has begun anew, with a store that may not know what was told. */
  restarted(name: string): void {
    this.#state.forgetful.add(name)
    this.#state.requests.restarted(name)
  }

  received(judged: Judged, event: ReceivedEvent): Note | undefined {
    return receive(this.#state, judged, event)
  }

  /** Everything else that a channel tells. */
  told(judged: Judged, event: ChannelEvent): void {
    tell(this.#state, judged, event)
  }

  isDelivered(id: string): boolean {
    return this.#state.requests.isDelivered(id)
  }

  hasEnded(id: string): boolean {
    return this.#state.requests.hasEnded(id)
  }

  /** Who has a message, of those who stay. */
  holders(id: string): Judged[] {
    return this.#state.holders(id)
  }

  /** Says in words which messages must come and have not. */
  missing(): Generator<string> {
    return missing(this.#state)
  }
}
