/** Keeps what happened, in the process that outlives the others, and checks whether it may. */
import { Outcomes } from './outcomes.ts'
import {
  type After,
  type ChannelMemory,
  type ChannelName,
  type Content,
  type JournalEntry,
  QUOTA,
  type Sender,
} from './protocol.ts'

const nameOf = (channel: ChannelName, sender: Sender, n: number): string => `${channel} ${sender} ${n}`

/** A message of alice's own inbox, over all her sessions. */
interface Held {
  readonly name: string
  readonly sender: Sender
  /** Her session that saw it last. */
  session: number
  /** Acknowledging was begun, and it was done. */
  acknowledging: boolean
  acknowledged: boolean
}

/** Checks each thing as it is told; collects what is wrong. */
export class Ledger {
  readonly violations: string[] = []
  accepted = 0
  received = 0
  redelivered = 0
  readonly #received = new Map<Sender, Set<string>>()
  readonly #accepted = new Set<string>()
  readonly #sentByPeers = new Set<string>()
  readonly #left = new Map<number, number>()
  readonly #memory: Record<ChannelName, { next: number; after: After }> = {
    plain: { next: 1, after: {} },
    acknowledged: { next: 1, after: {} },
  }
  /** In the order in which alice saw them first. */
  readonly #held: Record<ChannelName, Held[]> = { plain: [], acknowledged: [] }
  readonly #outcomes = new Outcomes(
    (member, name) => this.#receivedBy(member).has(name),
    (text) => this.#violation(text),
  )
  #session = 0
  /** The messages that alice saw in this session. */
  #seen: Record<ChannelName, Held[]> = { plain: [], acknowledged: [] }

  /** The memory that alice's application would have after a restart. */
  memory(): Record<ChannelName, ChannelMemory> {
    return structuredClone(this.#memory)
  }

  /** The ends of alice's requests. */
  get outcomes(): Pick<Outcomes, 'told' | 'toldAgain' | 'cancelled' | 'closeSession'> {
    return this.#outcomes
  }

  startSession(): void {
    this.#session++
    this.#outcomes.startSession()
    this.#seen = { plain: [], acknowledged: [] }
  }

  peerSent(peer: Sender, channel: ChannelName, n: number): void {
    this.#sentByPeers.add(nameOf(channel, peer, n))
  }

  peerReceived(peer: Sender, channel: ChannelName, sender: Sender, { n, after }: Content): void {
    const name = nameOf(channel, sender, n)
    const received = this.#receivedBy(peer)
    if (received.has(name)) this.#violation(`${peer} received twice: ${name}`)
    this.#checkOrder(peer, channel, name, after)
    received.add(name)
    if (sender === 'alice') this.#outcomes.received(peer, name)
  }

  /** Takes an entry of alice's journal. */
  read(entry: JournalEntry): void {
    switch (entry.type) {
      case 'sending':
        this.#memory[entry.channel].next = entry.n + 1
        return
      case 'accepted': {
        this.accepted++
        const name = nameOf(entry.channel, 'alice', entry.n)
        this.#accepted.add(name)
        this.#outcomes.accepted(name)
        this.#memory[entry.channel].after.alice = entry.after
        return
      }
      case 'too-late':
        this.#memory[entry.channel].after.alice = entry.after
        return this.#outcomes.read(entry)
      case 'cancelling':
      case 'requested':
      case 'restored':
      case 'ended':
        return this.#outcomes.read(entry)
      case 'left': {
        const left = (this.#left.get(entry.epoch) ?? 0) + 1
        this.#left.set(entry.epoch, left)
        if (left > QUOTA.messagesPerEpoch) this.#violation(`${left} messages left in epoch ${entry.epoch}`)
        return
      }
      case 'acknowledging':
      case 'acknowledged': {
        const name = nameOf(entry.channel, entry.sender, entry.n)
        this.#held[entry.channel].find((held) => held.name === name)![entry.type] = true
        return
      }
      case 'received':
        this.#aliceReceived(entry)
    }
  }

  /** The messages that are still to come. */
  missing(): string[] {
    const missing: string[] = []
    const want = (names: Iterable<string>, peer: Sender): void => {
      const received = this.#receivedBy(peer)
      for (const name of names) if (!received.has(name)) missing.push(`${name} at ${peer}`)
    }
    want(this.#sentByPeers, 'alice')
    const wanted = [...this.#accepted].filter((name) => !this.#outcomes.isCancelled(name))
    for (const peer of ['bob', 'carol'] as const) {
      want(wanted, peer)
      want(
        [...this.#sentByPeers].filter((name) => !name.includes(` ${peer} `)),
        peer,
      )
    }
    return [...missing, ...this.#outcomes.missing()]
  }

  lost(missing: readonly string[]): void {
    for (const name of missing) this.#violation(`never came: ${name}`)
  }

  broken(error: string): void {
    this.#violation(`the process broke: ${error}`)
  }

  #aliceReceived(entry: Extract<JournalEntry, { type: 'received' }>): void {
    const { channel, sender, content, redelivered } = entry
    const name = nameOf(channel, sender, content.n)
    const held = this.#held[channel].find((one) => one.name === name)
    this.received++
    if (redelivered) this.redelivered++
    if (channel === 'plain') this.#checkPlain(name, held, redelivered)
    else this.#checkAcknowledged(name, held, redelivered)
    if (held !== undefined) {
      held.session = this.#session
      this.#seen[channel].push(held)
      return
    }
    this.#checkOrder('alice', channel, name, content.after)
    this.#receivedBy('alice').add(name)
    const first = { name, sender, session: this.#session, acknowledging: false, acknowledged: false }
    this.#held[channel].push(first)
    this.#seen[channel].push(first)
    const { after } = this.#memory[channel]
    after[sender] = Math.max(after[sender] ?? 0, content.n)
  }

  /** Only the message whose handler was running comes again, first of all and flagged. */
  #checkPlain(name: string, held: Held | undefined, redelivered: boolean): void {
    const first = this.#seen.plain.length === 0
    if (redelivered && !first) this.#violation(`flagged, and not the first of its session: ${name}`)
    if (held === undefined) return
    if (!redelivered) this.#violation(`delivered twice: ${name}`)
    else if (held !== this.#held.plain.at(-1)) this.#violation(`redelivered, and not the last one: ${name}`)
  }

  /** Messages not acknowledged come again before anything new, in order and flagged; acknowledged ones never do. */
  #checkAcknowledged(name: string, held: Held | undefined, redelivered: boolean): void {
    if (held === undefined) {
      if (redelivered) return
      const due = this.#held.acknowledged.filter((one) => !one.acknowledging && one.session < this.#session)
      for (const one of due)
        this.#violation(`unacknowledged, and did not come again before ${name}: ${one.name}`)
      return
    }
    if (!redelivered) this.#violation(`delivered twice: ${name}`)
    if (held.acknowledged) this.#violation(`came again though it was acknowledged: ${name}`)
    if (held.session === this.#session) this.#violation(`came twice in one session: ${name}`)
    const all = this.#held.acknowledged
    const before = this.#seen.acknowledged.at(-1)
    if (before !== undefined && all.indexOf(before) > all.indexOf(held))
      this.#violation(`came again out of order: ${name}`)
  }

  #checkOrder(receiver: Sender, channel: ChannelName, name: string, after: After): void {
    for (const [sender, n] of Object.entries(after) as [Sender, number][]) {
      if (sender === receiver || this.#receivedBy(receiver).has(nameOf(channel, sender, n))) continue
      this.#violation(`${receiver} received ${name} before ${nameOf(channel, sender, n)}`)
    }
  }

  #receivedBy(member: Sender): Set<string> {
    let received = this.#received.get(member)
    if (received === undefined) this.#received.set(member, (received = new Set()))
    return received
  }

  #violation(text: string): void {
    if (this.violations.length < 20) this.violations.push(`session ${this.#session}: ${text}`)
  }
}
