import {
  createSdsStage,
  decodeMessage,
  type FrameToEncode,
  type SdsEvent,
  type SdsInput,
  type SdsMessage,
  type SdsOptions,
  type SdsOutput,
  type TrafficFrame,
  type Urgency,
} from '../src/core.ts'
import type { Change } from '@reliable-channels/store'
import type { SdsStage } from '../src/core/stage.ts'
import { sdsRecords } from '../src/records.ts'

/** When a {@link Network} begins, ms. */
export const START = 1_750_000_000_000

/** Seeded random numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface Delivery {
  readonly messageId: string
  readonly senderId: string
  readonly text: string
  readonly late: boolean
  readonly own: boolean
  readonly ephemeral: boolean
  readonly at: number
}

/** Decodes what must be a message. */
export function decoded(payload: Uint8Array): SdsMessage {
  const result = decodeMessage(payload)
  if (result.message === undefined) throw new Error(result.reason)
  return result.message
}

/** Options of a participant, and whether it stores anything. @default true */
export interface PeerOptions extends SdsOptions {
  persistent?: boolean
}

type WrapInput = Extract<SdsInput, { type: 'wrap' }>

/** A frame that waits for its turn to leave. */
type Held = FrameToEncode & Pick<TrafficFrame, 'replaces' | 'wanted'> & { readonly priority: Urgency }

/** One participant on a simulated network, with all that it did. */
export class Peer {
  readonly name: string
  readonly delivered: Delivery[] = []
  readonly events: SdsEvent[] = []
  readonly sent: { readonly kind: string; readonly payload: Uint8Array; readonly messageId: string }[] = []
  readonly store = new Map<string, Uint8Array>()
  stage: SdsStage
  online = true
  /** With `encoding: 'at-release'`: whether frames wait until {@link letOut}, and those that do. */
  isHeldBack = false
  waiting: Held[] = []
  readonly #options: SdsOptions
  readonly #persistent: boolean
  readonly #network: Network

  constructor(network: Network, { persistent = true, ...options }: PeerOptions) {
    this.name = options.participantId
    this.#network = network
    this.#options = options
    this.#persistent = persistent
    this.stage = createSdsStage(options, persistent ? sdsRecords() : undefined)
  }

  /** Hands the stage an input. */
  input(input: SdsInput): SdsOutput[] {
    return this.step(this.stage.handle(input, this.#network.now))
  }

  /** Sends text; returns its message id. */
  say(
    text: string,
    ephemeral = false,
    more: Pick<WrapInput, 'order' | 'priority' | 'group' | 'isPart'> = {},
  ): string {
    const outputs = this.input({
      type: 'wrap',
      frame: { payload: new TextEncoder().encode(text), ...more },
      ephemeral,
      ...more,
    })
    const wrapped = outputs.find((output) => output.type === 'wrapped')
    return wrapped?.messageId ?? ''
  }

  step(step: { outputs: readonly SdsOutput[]; changes: readonly Change[] }): SdsOutput[] {
    for (const { key, value } of step.changes) {
      if (value === undefined) this.store.delete(key)
      else this.store.set(key, value)
    }
    for (const output of step.outputs) this.#take(output)
    return [...step.outputs]
  }

  /** The process ends and starts again with what was stored. */
  restart(options: Partial<SdsOptions> = {}): void {
    this.waiting = []
    this.stage = createSdsStage(
      { ...this.#options, ...options },
      sdsRecords(
        [...this.store].map(([key, value]) => ({ key, value })),
        this.#persistent,
      ),
    )
    this.input({ type: 'start' })
  }

  /** Lets out the most urgent frame that waits and is wanted. */
  letOut(): void {
    const RANKS = { critical: 0, normal: 1, optional: 2 }
    const [frame] = this.waiting.toSorted((a, b) => RANKS[a.priority] - RANKS[b.priority])
    if (frame === undefined) return
    this.waiting = this.waiting.filter((one) => one !== frame)
    const { messageId, kind } = frame
    if (frame.wanted?.(this.#network.now) === false) {
      if (kind !== 'content') this.input({ type: 'withdrawn', frame: { messageId, kind } })
      return
    }
    const encoded = this.input({ type: 'encode', frame }).find(({ type }) => type === 'encoded')
    if (encoded?.type !== 'encoded') return
    this.sent.push({ kind, payload: encoded.payload, messageId })
    this.#network.broadcast(this, encoded.payload)
    this.input({ type: 'dispatch-ended', messageId, outcome: 'dispatched', kind })
  }

  /** The messages that it sent, decoded. */
  messages(kind?: string): SdsMessage[] {
    return this.sent
      .filter((one) => kind === undefined || one.kind === kind)
      .map((one) => decoded(one.payload))
  }

  /** Its events of a type. */
  eventsOf<T extends SdsEvent['type']>(type: T): Extract<SdsEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<SdsEvent, { type: T }> => event.type === type)
  }

  /** Receives bytes. */
  receive(payload: Uint8Array): SdsOutput[] {
    return this.input({ type: 'receive', frame: { payload } })
  }

  texts(): string[] {
    return this.delivered.map((delivery) => delivery.text)
  }

  #take(output: SdsOutput): void {
    if (output.type === 'delivered') {
      this.delivered.push({
        messageId: output.messageId,
        senderId: output.senderId,
        text: new TextDecoder().decode(output.payload),
        late: output.late,
        own: output.own,
        ephemeral: output.ephemeral,
        at: this.#network.now,
      })
    } else if (output.type === 'event') this.events.push(output.event)
    else if (this.isHeldBack) this.#hold(output)
    else if (output.type === 'wrapped') {
      this.sent.push({ kind: 'content', payload: output.payload, messageId: output.messageId })
      this.#network.broadcast(this, output.payload)
    } else if (output.type === 'traffic') {
      this.sent.push({ ...output.frame })
      this.#network.broadcast(this, output.frame.payload)
    }
  }

  #hold(output: SdsOutput): void {
    if (output.type === 'wrapped') {
      const { messageId, payload, wanted } = output
      const { priority = 'normal' } = output.frame as { readonly priority?: Urgency }
      this.waiting.push({ messageId, payload, kind: 'content', priority, ...(wanted && { wanted }) })
    } else if (output.type === 'traffic') {
      const { frame } = output
      const older = this.waiting.findIndex(({ replaces }) => replaces !== undefined)
      if (frame.replaces !== undefined && older >= 0) this.waiting[older] = frame
      else this.waiting.push(frame)
    }
  }
}

interface Flight {
  readonly at: number
  readonly order: number
  readonly to: Peer
  readonly payload: Uint8Array
}

export interface NetworkOptions {
  readonly random: () => number
  readonly loss?: number
  readonly duplicate?: number
  readonly latencyMs?: number
  readonly jitterMs?: number
  readonly startAt?: number
}

/** A broadcast network in virtual time, which loses, repeats, delays and reorders. */
export class Network {
  now: number
  readonly peers: Peer[] = []
  loss: number
  duplicate: number
  /** Whether a frame passes from one peer to another; for partitions. */
  passes: (from: Peer, to: Peer) => boolean = () => true
  readonly #random: () => number
  readonly #latencyMs: number
  readonly #jitterMs: number
  #flying: Flight[] = []
  #order = 0

  constructor(options: NetworkOptions) {
    this.now = options.startAt ?? START
    this.#random = options.random
    this.loss = options.loss ?? 0
    this.duplicate = options.duplicate ?? 0
    this.#latencyMs = options.latencyMs ?? 50
    this.#jitterMs = options.jitterMs ?? 0
  }

  /** A participant behind a rate limit, which lets its frames go when the test says so. */
  joinHeldBack(participantId: string, options: Partial<SdsOptions> = {}): Peer {
    const peer = this.join(participantId, { ...options, encoding: 'at-release', dispatch: 'reported' })
    peer.isHeldBack = true
    return peer
  }

  join(participantId: string, options: Partial<PeerOptions> = {}): Peer {
    const peer = new Peer(this, { participantId, channelId: 'channel', random: this.#random, ...options })
    this.peers.push(peer)
    peer.input({ type: 'start' })
    return peer
  }

  broadcast(from: Peer, payload: Uint8Array): void {
    for (const to of this.peers) {
      if (to === from || !to.online || !from.online || !this.passes(from, to)) continue
      const copies = this.#random() < this.duplicate ? 2 : 1
      for (let i = 0; i < copies; i++) {
        if (this.#random() < this.loss) continue
        const at = this.now + this.#latencyMs + this.#random() * this.#jitterMs
        this.#flying.push({ at, order: this.#order++, to, payload })
      }
    }
  }

  /** Lets time pass, and happen what is due by then. */
  runUntil(until: number): void {
    for (;;) {
      let at = Infinity
      let flight: Flight | undefined
      for (const one of this.#flying) {
        if (one.at < at || (one.at === at && one.order < flight!.order)) {
          at = one.at
          flight = one
        }
      }
      let ticking: Peer | undefined
      for (const peer of this.peers) {
        const deadline = peer.online ? peer.stage.deadline() : undefined
        if (deadline !== undefined && deadline < at) {
          at = deadline
          ticking = peer
          flight = undefined
        }
      }
      if (at > until) break
      this.now = Math.max(this.now, at)
      if (flight !== undefined) {
        const arrived = flight
        this.#flying = this.#flying.filter((one) => one !== arrived)
        if (arrived.to.online) arrived.to.input({ type: 'receive', frame: { payload: arrived.payload } })
      } else ticking!.step(ticking!.stage.tick(this.now))
    }
    this.now = until
  }

  run(ms: number): void {
    this.runUntil(this.now + ms)
  }
}
