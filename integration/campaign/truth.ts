/** What happened, and whether it may. */
import type { ReliableChannel } from '@reliable-channels/channel'
import { keccak256 } from '@reliable-channels/keccak'
import type { SdsMessage } from '@reliable-channels/sds/core'
import { type Note, decodeNote, idInSegment, idsOf } from './note.ts'

type ChannelEvent = Parameters<Parameters<ReliableChannel['events$']['subscribe']>[0] & object>[0]

/** The options of a message that say what it comes after. */
export interface Order {
  readonly order?: 'causal' | 'none'
  readonly priority?: 'critical' | 'normal' | 'optional'
}

/** One payload that a member sent. */
export interface Sent extends Order {
  readonly id: string
  readonly author: string
  readonly atMs: number
  readonly payload: Uint8Array
  readonly ephemeral: boolean
  cancelled: boolean
  /** Of its author, when it was sent. */
  readonly life: number
  /** It was refused, or its channel closed before it was stored; and its author was told. */
  refused: boolean
}

/** A member's application remembers, as long as its store does, what came and what was accepted. */
export interface Memory {
  /** When it began. */
  readonly sinceMs: number
  /** By id, when it came. */
  readonly has: Map<string, number>
  readonly accepted: Set<string>
  readonly sent: Set<string>
  /** Messages that others need not wait for: it was told that it will not get them, or its first ones did without. */
  readonly excused: Set<string>
  /** Messages that may be from before its time. */
  readonly past: Set<string>
  /** Messages that it had, and that may come again: whether the disk had them in the end nobody knows. */
  readonly doubtful: Set<string>
}

export const newMemory = (nowMs: number): Memory => ({
  sinceMs: nowMs,
  has: new Map(),
  accepted: new Set(),
  sent: new Set(),
  excused: new Set(),
  past: new Set(),
  doubtful: new Set(),
})

/**
 * A copy without what is not in the store; a message of one's own is there once it was accepted.
 *
 * @param inDoubt Whether what is not in the store may be, because the store did not say.
 */
export const copyMemory = (memory: Memory, unsaved: ReadonlySet<string>, inDoubt = false): Memory => ({
  sinceMs: memory.sinceMs,
  has: new Map([...memory.has].filter(([id]) => !unsaved.has(id))),
  accepted: new Set(memory.accepted),
  sent: new Set([...memory.sent].filter((id) => memory.accepted.has(id))),
  excused: new Set(memory.excused),
  past: new Set(memory.past),
  doubtful: new Set([
    ...memory.doubtful,
    ...(inDoubt ? [...unsaved].filter((id) => memory.has.has(id)) : []),
  ]),
})

/** Whether a member had it, as far as anybody knows. */
const hadIt = ({ has, doubtful }: Memory, id: string): boolean => has.has(id) || doubtful.has(id)

/** The events that were told of a request. */
interface Told {
  sent: boolean
  sendError: boolean
  delivered: boolean
  /** Whoever had it has lost it: told to that process. */
  withdrawn: number | undefined
  deliveryError: boolean
  /** The process began anew since, so that it may be told again. */
  again: boolean
}

/** A member as the judge sees it. */
export interface Judged {
  readonly name: string
  readonly memory: Memory
  /** How often its program was started. */
  readonly lives: number
  /** How far its clock was behind and ahead of the time, ms. */
  readonly clockMs: { readonly least: number; readonly most: number }
  /** Gone for good. */
  readonly isGone: boolean
  readonly isRunning: boolean
  /** Since when it can be heard, and hears, without a break; `undefined` while not. */
  readonly reachableSinceMs: number | undefined
  /** How long it stood still since its memory began, ms. */
  readonly stoodMs: number
  /** Whether it remembers who has what, as long as its store does. */
  readonly keepsReceipts?: boolean
}

/** Somebody was named to have a message. */
interface Claim {
  readonly id: string
  readonly by: string
  /** Of the process that was told. */
  readonly life: number
  readonly to: string
  readonly memory: Memory
  /** Of who was told. */
  readonly byMemory: Memory
  readonly atMs: number
}

/** What a member has said. */
interface Words {
  /** Its latest timestamp before its memory began, which it need not know. */
  before: bigint
  latest: bigint
  memory: Memory
  /** Sync messages since all is well, and since its memory began. */
  syncs: { readonly atMs: number; readonly lamport: bigint }[]
}

/** So much later another sync message shows what is lost, whatever was out of order. */
const OUT_OF_ORDER_MS = 10_000
/** And so long where its timestamps are behind, because its clock was set back. */
const BEHIND_MS = 600_000
/** Messages that are looked for in each sync message. */
const IN_TURN = 16

/** Until so long after it has joined, holes may come into the order of a newcomer. */
const NEWCOMER_MS = 75_000
/** Where a holder must have been within reach for so long, nothing may be given up. */
const REACH_MS = 600_000

export class Truth {
  readonly violations: string[] = []
  readonly sent = new Map<string, Sent>()
  readonly #now: () => number
  readonly #members = new Map<string, Judged>()
  /** App ids by the ids of the SDS messages that carry them. */
  readonly #carried = new Map<string, string>()
  /** The SDS messages that each names as those before it. */
  readonly #after = new Map<string, readonly string[]>()
  readonly #requests = new Map<string, { id: string; told: Told }>()
  /** Who was named to have what. */
  readonly claims: Claim[] = []
  readonly #words = new Map<string, Words>()
  #isWell = false
  /** Members whose store was lost, or is an old copy. */
  readonly #forgetful = new Set<string>()
  readonly counts = { received: 0, delivered: 0, failed: 0, lost: 0, redelivered: 0, late: 0, withdrawn: 0 }
  /** How long each arrival took, ms, and the bytes that arrived. */
  readonly delaysMs: number[] = []
  arrivedBytes = 0
  readonly #startMs: number
  readonly #hasParity: boolean
  readonly #isStrict: boolean

  /**
   * @param options.hasParity Whether messages have parity segments.
   * @param options.isStrict Whether nothing happens that would excuse a message that is lost, or told not to be delivered.
   */
  constructor(now: () => number, { hasParity = false, isStrict = false } = {}) {
    this.#now = now
    this.#hasParity = hasParity
    this.#isStrict = isStrict
    this.#startMs = now()
  }

  violate(text: string): void {
    const at = ((this.#now() - this.#startMs) / 1000).toFixed(1)
    if (this.violations.length < 40) this.violations.push(`${at} s: ${text}`)
  }

  member(judged: Judged): void {
    this.#members.set(judged.name, judged)
  }

  /** From now on nothing is in anybody's way. */
  calm(): void {
    this.#isWell = true
  }

  carried(message: SdsMessage): void {
    this.#hear(message)
    const { messageId, content, causalHistory } = message
    if (content === undefined || content.length === 0 || this.#after.has(messageId)) return
    this.#after.set(
      messageId,
      causalHistory.map((before) => before.messageId),
    )
    const id = idInSegment(content)
    if (id !== undefined) this.#carried.set(messageId, id)
  }

  carriedBy(messageId: string): string | undefined {
    return this.#carried.get(messageId)
  }

  requested(requestId: string, id: string): void {
    const told: Told = {
      sent: false,
      sendError: false,
      delivered: false,
      withdrawn: undefined,
      deliveryError: false,
      again: false,
    }
    this.#requests.set(requestId, { id, told })
  }

  idOf(requestId: string): string | undefined {
    return this.#requests.get(requestId)?.id
  }

  /** A member's process has begun anew, with a store that may not know what was told. */
  restarted(name: string): void {
    this.#forgetful.add(name)
    for (const { id, told } of this.#requests.values()) if (id.startsWith(`${name}:`)) told.again = true
  }

  received(
    judged: Judged,
    event: Extract<ChannelEvent, { type: 'reliable:message:received' }>,
  ): Note | undefined {
    const { name, memory } = judged
    const { payload, senderId, redelivered, late } = event
    let note: Note
    try {
      note = decodeNote(payload)
    } catch {
      this.violate(`${name} got ${payload.length} bytes of ${senderId} that nobody sent`)
      return undefined
    }
    const { id } = note
    const sent = this.sent.get(id)
    this.counts.received++
    if (late) this.counts.late++
    if (sent === undefined || Buffer.compare(sent.payload, payload) !== 0 || sent.author !== senderId) {
      this.violate(`${name} got other bytes than were sent of ${id}`)
      return undefined
    }
    if (sent.author === name) this.violate(`${name} got its own ${id}`)
    if (sent.cancelled) this.violate(`${name} got ${id}, which was cancelled`)
    if (redelivered) this.counts.redelivered++
    if (memory.has.has(id)) {
      if (!redelivered) this.violate(`${name} got ${id} twice`)
      return undefined
    }
    const aliveMs = this.#now() - memory.sinceMs - judged.stoodMs
    const isOrdered = !sent.ephemeral && sent.order !== 'none'
    for (const earlier of isOrdered ? idsOf(note.after) : []) {
      if (hadIt(memory, earlier) || memory.sent.has(earlier) || memory.excused.has(earlier)) continue
      const dependency = this.sent.get(earlier)!
      if (dependency.ephemeral || earlier.startsWith(`${name}:`)) continue
      if (dependency.atMs < memory.sinceMs || mayComeLater(dependency, sent)) continue
      // What a newcomer's first messages did without, later ones do without until it comes.
      if (aliveMs <= NEWCOMER_MS) memory.excused.add(earlier)
      else this.violate(`${name} got ${id} before ${earlier}`)
    }
    memory.has.set(id, this.#now())
    this.delaysMs.push(this.#now() - sent.atMs)
    this.arrivedBytes += payload.length
    return note
  }

  /** Everything else that a channel tells. */
  told(judged: Judged, event: ChannelEvent): void {
    const { name, memory } = judged
    switch (event.type) {
      case 'reliable:message:sent': {
        const found = this.#requests.get(event.requestId)
        if (found === undefined) return this.violate(`${name} was told of a request that nobody made`)
        const { told, id } = found
        if (event.redelivered) return
        if (told.sent && !told.again) this.violate(`${name} was told twice that ${id} is sent`)
        if (told.sendError && !told.again && event.late !== true)
          this.violate(`${name} was told that ${id} is sent after an error, not flagged late`)
        told.sent = true
        return
      }
      case 'reliable:message:send-error': {
        const found = this.#requests.get(event.requestId)
        if (found === undefined || event.redelivered) return
        const { told, id } = found
        if ((told.sendError || told.sent) && !told.again)
          this.violate(`${name} was told an error of ${id}, whose dispatch had ended`)
        told.sendError = true
        return
      }
      case 'reliable:message:delivered': {
        const found = this.#requests.get(event.requestId)
        if (found === undefined) return
        const { told, id } = found
        if (event.deliveredTo.length === 0) this.violate(`${name} was told that ${id} is delivered to nobody`)
        for (const to of event.deliveredTo) {
          const member = this.#members.get(to)
          if (member === undefined) this.violate(`${id} is delivered to "${to}", who does not exist`)
          else this.#claim(judged, id, member)
        }
        if (event.redelivered) return
        this.counts.delivered++
        if (told.delivered && !told.again) this.violate(`${name} was told twice that ${id} is delivered`)
        if (told.deliveryError && !told.again && event.late !== true)
          this.violate(`${name} was told that ${id} is delivered after an error, not flagged late`)
        if (event.again === true && told.withdrawn === undefined)
          this.violate(`${name} was told that ${id} is delivered again, which nobody had lost`)
        told.delivered = true
        told.deliveryError = false
        return
      }
      case 'reliable:message:receipt': {
        const member = this.#members.get(event.member)
        const found = this.#requests.get(event.requestId)
        if (found === undefined) this.violate(`${name} has a receipt of a request that nobody made`)
        else if (member === undefined)
          this.violate(`${found.id} has a receipt of "${event.member}", who does not exist`)
        else this.#claim(judged, found.id, member)
        return
      }
      case 'reliable:message:receipt-withdrawn': {
        const { id, told } = this.#requests.get(event.requestId)!
        const { by, deliveredTo } = event
        this.counts.withdrawn++
        if (!told.delivered)
          this.violate(`${name} was told that ${by} has lost ${id}, which was not delivered`)
        if (!this.#forgetful.has(by)) this.violate(`${name} was told that ${by} has lost ${id}, who has it`)
        this.#withdraw(id, name, by)
        for (const to of deliveredTo) this.#claim(judged, id, this.#members.get(to)!)
        if (deliveredTo.length > 0) return
        told.delivered = false
        told.withdrawn = judged.lives
        return
      }
      case 'reliable:message:delivery-error': {
        const found = this.#requests.get(event.requestId)
        if (found === undefined || event.redelivered) return
        const { told, id } = found
        this.counts.failed++
        if (this.#isStrict) this.violate(`${name} was told that ${id} is not delivered: ${event.error}`)
        if (told.delivered && !told.again)
          this.violate(`${name} was told that ${id} is not delivered after it was`)
        if (told.deliveryError && !told.again)
          this.violate(`${name} was told twice that ${id} is not delivered`)
        told.deliveryError = true
        return
      }
      case 'diagnostic': {
        if (event.code === 'channel-died')
          return this.violate(`${name}'s channel died: ${String(event.detail.error)}`)
        if (event.code === 'past')
          for (const { messageId } of event.detail.entries) this.#leave(judged, messageId)
        if (event.code !== 'lost') return
        for (const { messageId } of event.detail.entries) {
          this.counts.lost++
          if (this.#isStrict) this.violate(`${name} was told that ${this.#nameOf(messageId)} is lost`)
          this.#judgeLostSegment(judged, messageId)
          this.#excuse(memory, messageId)
        }
        return
      }
      case 'reliable:message:lost':
        this.counts.lost++
        for (const { id, payload } of this.sent.values())
          if (Buffer.from(keccak256(payload)).toString('hex') === event.payloadHash)
            this.#judgeLost(judged, id)
        return
      case 'diagnostic:message-error':
      case 'reliable:message:progress':
      case 'reliable:message:received':
    }
  }

  #nameOf(messageId: string): string {
    return this.#carried.get(messageId) ?? messageId
  }

  isDelivered(id: string): boolean {
    return this.#toldOf(id)?.delivered === true
  }

  #toldOf(id: string): Told | undefined {
    for (const request of this.#requests.values()) if (request.id === id) return request.told
    return undefined
  }

  hasEnded(id: string): boolean {
    for (const { id: other, told } of this.#requests.values())
      if (other === id) return told.sent || told.sendError
    return false
  }

  /** Who has a message, of those who stay. */
  holders(id: string): Judged[] {
    return [...this.#members.values()].filter(
      ({ isGone, memory }) => !isGone && (memory.has.has(id) || memory.accepted.has(id)),
    )
  }

  /** Says in words which messages must come and have not. */
  *missing(): Generator<string> {
    for (const { id, author, ephemeral, cancelled, atMs, life, refused } of this.sent.values()) {
      if (ephemeral || cancelled) continue
      const { lives, isRunning, memory: own } = this.#members.get(author)!
      if (isRunning && lives === life && !refused && !own.accepted.has(id)) yield `${id} was not accepted`
      const holders = this.holders(id)
      if (holders.length === 0) continue
      for (const { name, memory, isGone } of this.#members.values()) {
        if (isGone || name === author || hadIt(memory, id) || atMs < memory.sinceMs) continue
        if (memory.past.has(id)) continue
        yield `${name} lacks ${id}, which ${holders.map((holder) => holder.name).join(', ')} ${holders.length > 1 ? 'have' : 'has'}`
      }
      const writer = this.#members.get(author)!
      if (writer.isGone || !writer.memory.accepted.has(id)) continue
      if (!this.hasEnded(id)) yield `the dispatch of ${id} has not ended`
      // That a message was lost, which had been delivered, is forgotten with the process.
      const isForgotten = (this.#toldOf(id)?.withdrawn ?? writer.lives) !== writer.lives
      if (holders.some(({ name }) => name !== author) && !this.isDelivered(id) && !isForgotten)
        yield `${author} was not told that ${id} is delivered, though ${holders.map(({ name }) => name).join(', ')} have it`
    }
    for (const { id, by, life, to, memory, byMemory, atMs } of this.claims) {
      const member = this.#members.get(to)!
      if (member.isGone || hadIt(member.memory, id)) continue
      // Who has lost it, then or before he was named, shows that by what he says.
      const author = this.#members.get(by)!
      const isKnown = author.lives === life || (author.keepsReceipts === true && author.memory === byMemory)
      const isShown = !author.isGone && isKnown && this.#hasShown(member, by)
      if ((member.memory !== memory || this.#forgetful.has(to)) && !isShown) continue
      yield `${by} was told at ${((atMs - this.#startMs) / 1000).toFixed(1)} s that ${id} is delivered to ${to}, who does not have it`
    }
  }

  /** Whoever is named has it by then, or has lost it since. */
  #checkHolder(by: string, id: string, { name, memory }: Judged): void {
    if (!hadIt(memory, id) && !this.#forgetful.has(name))
      this.violate(`${by} was told that ${name} has ${id}, who has not got it yet`)
  }

  /** What a member says, which others need not believe. */
  #hear({ senderId, lamport, content, bloomFilter }: SdsMessage): void {
    const memory = this.#members.get(senderId)?.memory
    // What others repair has no filter.
    if (memory === undefined || lamport === undefined || bloomFilter === undefined) return
    const words = this.#words.get(senderId) ?? { before: -1n, latest: -1n, memory, syncs: [] }
    this.#words.set(senderId, words)
    if (words.memory !== memory) Object.assign(words, { before: words.latest, memory, syncs: [] })
    const at = BigInt(lamport)
    if (at > words.latest) words.latest = at
    if (this.#isWell && (content?.length ?? 0) === 0) words.syncs.push({ atMs: this.#now(), lamport: at })
  }

  /** Whether a member has said, since all is well, all that shows somebody what it has lost of his. */
  #hasShown({ name, memory }: Judged, by: string): boolean {
    const { syncs, before, memory: spokenWith } = this.#words.get(name) ?? { syncs: [], before: 0n }
    const own = [...this.sent.values()].filter(({ author }) => author === by).length
    if (spokenWith !== memory || syncs.length < 3 + own / IN_TURN) return false
    const takesMs = syncs.at(-1)!.atMs - syncs[0]!.atMs
    return takesMs > (syncs[0]!.lamport > before ? OUT_OF_ORDER_MS : 2 * BEHIND_MS)
  }

  #claim({ name: by, lives: life, memory: byMemory }: Judged, id: string, member: Judged): void {
    const { name: to, memory } = member
    this.#checkHolder(by, id, member)
    this.claims.push({ id, by, life, to, memory, byMemory, atMs: this.#now() })
  }

  #withdraw(id: string, by: string, to: string): void {
    const stays = this.claims.filter((claim) => claim.id !== id || claim.by !== by || claim.to !== to)
    this.claims.splice(0, this.claims.length, ...stays)
  }

  /**
   * It counts as from before the member's time. That is so where it was, or may have been by the clocks of both: of an author
   * who was not heard nobody knows how far his is behind. What nothing else names is done without too.
   */
  #leave({ name, memory, clockMs }: Judged, messageId: string): void {
    this.#excuse(memory, messageId)
    const id = this.#carried.get(messageId)
    const sent = id === undefined ? undefined : this.sent.get(id)
    if (sent === undefined || sent.author === name) return
    const behindMs = clockMs.most - this.#members.get(sent.author)!.clockMs.least
    const afterMs = sent.atMs - memory.sinceMs
    if (afterMs > Math.max(0, behindMs))
      this.violate(`${name} does without ${id}, sent ${(afterMs / 1000).toFixed(0)} s after its time began`)
    else for (const earlier of this.#before(messageId)) memory.past.add(earlier)
  }

  /**
   * It may come late, and so may what it comes after, which nothing else need name: by what its author had, and by what his
   * message names, which is more if he has lost his store.
   */
  #excuse(memory: Memory, messageId: string): void {
    for (const id of this.#before(messageId)) memory.excused.add(id)
    const lost = this.sent.get(this.#carried.get(messageId) ?? '')
    if (lost === undefined) return
    for (const earlier of idsOf(decodeNote(lost.payload).after)) memory.excused.add(earlier)
  }

  /** What an SDS message carries, and all that it comes after. */
  *#before(messageId: string): Generator<string> {
    const ids = new Set([messageId])
    for (const each of ids) {
      for (const before of this.#after.get(each) ?? []) ids.add(before)
      const id = this.#carried.get(each)
      if (id !== undefined) yield id
    }
  }

  /** Whom parity has helped has the message without that part of it, which he cannot give: then its author alone has all. */
  #judgeLostSegment(judged: Judged, messageId: string): void {
    const id = this.#carried.get(messageId)
    if (id !== undefined) this.#judgeLost(judged, id, this.#hasParity ? this.sent.get(id)!.author : undefined)
  }

  #judgeLost({ name }: Judged, id: string, onlyHolder?: string): void {
    const me = this.#members.get(name)!
    if (me.reachableSinceMs === undefined) return
    const sent = this.sent.get(id)!
    // It is not owed what it has, wrote itself, or what is older than its memory.
    if (sent.author === name || sent.atMs < me.memory.sinceMs || me.memory.has.has(id)) return
    for (const holder of this.holders(id)) {
      if (holder.name === name || holder.reachableSinceMs === undefined) continue
      if (onlyHolder !== undefined && holder.name !== onlyHolder) continue
      const hasMs = holder.memory.has.get(id) ?? sent.atMs
      const togetherMs = this.#now() - Math.max(holder.reachableSinceMs, me.reachableSinceMs, hasMs)
      if (togetherMs > REACH_MS)
        this.violate(
          `${name} was told that ${id} is lost, which ${holder.name} has, ${(togetherMs / 1000).toFixed(0)} s within reach`,
        )
    }
  }
}

const RANKS = { critical: 0, normal: 1, optional: 2 }

/** Whether an earlier message of the same author need not come before a later one. */
function mayComeLater(earlier: Sent, later: Sent): boolean {
  if (earlier.author !== later.author) return false
  const { order, priority = 'normal' } = earlier
  return order === 'none' || RANKS[priority] > RANKS[later.priority ?? 'normal']
}
