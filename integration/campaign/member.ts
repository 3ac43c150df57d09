import { type ReliableChannel, ReliableChannelManager } from '@reliable-channels/channel'
import {
  type SimulatedPeer,
  type SimulatedProcess,
  type StoreFaults,
  type TransportFaults,
  faultyStore,
  faultyTransport,
  seededRandom,
  simulatedProcess,
  storeFaults,
  transportFaults,
} from '@reliable-channels/simulator'
import { type Store, memoryStore } from '@reliable-channels/store'
import { LIAR } from './liars.ts'
import { exceeded } from './limits.ts'
import { encodeNote, vectorOf } from './note.ts'
import type { Surroundings } from './surroundings.ts'
import { Tap } from './tap.ts'
import { type Order, type Judged, type Memory, copyMemory, newMemory } from './truth.ts'

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

/** One run of a member's program. */
interface Process {
  readonly program: SimulatedProcess
  readonly peer: SimulatedPeer
  readonly manager: ReliableChannelManager
  /** Topics that it has subscribed, less those that it has asked to leave. */
  readonly topics: { count: number }
  /** Received, or told, and not certainly stored. */
  readonly unsaved: Set<string>
  channel: ReliableChannel | undefined
  isDirty: boolean
  /** What is not certainly stored may be: a write had no answer. */
  isInDoubt: boolean
  isClosing: boolean
}

export const CHANNEL_ID = 'campaign'
export const CONTENT_TOPIC = '/campaign/1/notes/proto'

/** Longest that closing may take: the last word, the topic, two writes and the store's last chance. */
const CLOSE_MS = 60_000

/** A member of the channel, over all its processes. */
export class Member implements Judged {
  readonly name: string
  /** The moods of its store and of its way to the network. */
  readonly disk: StoreFaults = storeFaults()
  readonly way: TransportFaults = transportFaults()
  memory: Memory
  isGone = false
  reachableSinceMs: number | undefined
  /** Something keeps it from being reached, though its process runs. */
  readonly hindered = new Set<string>()
  readonly #world: Surroundings
  readonly #constitution: Constitution
  /** What is on its disk. */
  readonly #medium = new Map<string, Uint8Array>()
  #process: Process | undefined
  #lives = 0
  #hasForgotten = true
  #next = 1
  #asleep = false
  #asleepSinceMs = 0
  #stoodMs = 0
  /** A copy of its store, and what it knew then. */
  #backup: { readonly medium: Map<string, Uint8Array>; readonly memory: Memory } | undefined
  #clockMs: number
  readonly clockMs: { least: number; most: number }
  #health = 'none'
  /** Its memory when its last process began. */
  #lastMemory: Memory

  constructor(world: Surroundings, constitution: Constitution) {
    this.#world = world
    this.#constitution = constitution
    this.name = constitution.name
    this.memory = newMemory(world.time.now())
    this.#lastMemory = this.memory
    this.#clockMs = constitution.offsetMs ?? 0
    this.clockMs = { least: this.#clockMs, most: this.#clockMs }
    world.truth.member(this)
  }

  get lives(): number {
    return this.#lives
  }

  get isRunning(): boolean {
    return this.#process?.channel !== undefined && !this.#process.isClosing
  }

  get isAwake(): boolean {
    return this.isRunning && !this.#asleep
  }

  get isAsleep(): boolean {
    return this.#asleep
  }

  get stoodMs(): number {
    return this.#stoodMs
  }

  get hasProcess(): boolean {
    return this.#process !== undefined
  }

  get hasStore(): boolean {
    return this.#constitution.hasStore
  }

  get keepsReceipts(): boolean {
    return this.hasStore && this.#world.channel?.receipts === 'all'
  }

  get health(): string {
    return this.#health
  }

  get openRequests(): number {
    return this.#process?.channel?.requests.length ?? 0
  }

  /** Looks anew at whether it can be reached. */
  assess(): void {
    const isReachable = this.isAwake && this.hindered.size === 0
    if (!isReachable) this.reachableSinceMs = undefined
    else this.reachableSinceMs ??= this.#world.time.now()
  }

  hinder(by: string): void {
    this.hindered.add(by)
    this.assess()
  }

  relieve(by: string): void {
    this.hindered.delete(by)
    this.assess()
  }

  /** Starts its program; where that fails, tries again every half minute. */
  async start(): Promise<void> {
    if (this.#process !== undefined || this.isGone) return
    const { seed, time, network, truth, memory, cipherOf, node, channel: options } = this.#world
    const life = ++this.#lives
    // Its time begins when it is there again.
    if (this.#hasForgotten || (!this.hasStore && life > 1)) this.#forget()
    const { drift = 0 } = this.#constitution
    const program = simulatedProcess(time, { offsetMs: this.#clockMs, drift })
    const peer = network.peer(this.name)
    this.#world.frames?.listen(peer)
    const whole = program.transport(peer)
    if (!memory) {
      delete whole.fetch
      delete whole.history
    }
    const topics = { count: 0 }
    const tap = new Tap(this.#world, this.name)
    const transport = tap.transport(faultyTransport(whole, { faults: this.way, scheduler: time }), topics)
    const store = (): Store =>
      faultyStore(program.store(memoryStore(this.#medium)), { faults: this.disk, scheduler: time })
    const random = seededRandom(seed, `${this.name}/${life}`)
    const randomBytes = (length: number): Uint8Array =>
      Uint8Array.from({ length }, () => Math.floor(random() * 256))
    const manager = new ReliableChannelManager({
      scheduler: program.clock,
      randomBytes,
      ...(this.hasStore && { store: store() }),
      // Its former lives are still there, for all that this process knows.
      exclusive: false,
      ...node,
      transport,
    })
    const unsaved = new Set<string>()
    const process: Process = {
      program,
      peer,
      manager,
      topics,
      unsaved,
      channel: undefined,
      isDirty: false,
      isInDoubt: false,
      isClosing: false,
    }
    this.#process = process
    if (this.memory !== this.#lastMemory) truth.restarted(this.name)
    this.#lastMemory = this.memory
    manager.events$.subscribe((event) => {
      this.#checkLimits(process)
      if (program.hasEnded) return truth.violate(`${this.name} told something after its end`)
      if (event.type === 'reliable:message:received') {
        if (event.senderId === LIAR) return
        const note = truth.received(this, event)
        if (process.isDirty && note !== undefined) unsaved.add(note.id)
        if (note !== undefined) {
          this.#say(`has ${note.id}${event.late ? ', late' : ''}${event.redelivered ? ', again' : ''}`)
          this.#constitution.onReceived?.(this, note.id)
        }
        return
      }
      if (event.type === 'diagnostic') {
        if (event.code === 'store-failed') process.isDirty = true
        if (event.code === 'gave-up-waiting' && event.detail.what.startsWith('store'))
          process.isDirty = process.isInDoubt = true
        if (event.code === 'store-recovered') {
          process.isDirty = process.isInDoubt = false
          unsaved.clear()
        }
        if (!QUIET.has(event.code)) this.#say(`${event.code} ${describe(event.detail)}`)
      } else if (event.type !== 'reliable:message:progress') {
        this.#say(`${event.type} ${'requestId' in event ? event.requestId : ''}`)
      }
      truth.told(this, event)
      if (event.type === 'reliable:message:delivered')
        this.#constitution.onDelivered?.(this, truth.idOf(event.requestId) ?? '')
    })
    manager.incoming$.subscribe()
    try {
      const channel = await manager.create({
        channelId: CHANNEL_ID,
        contentTopic: CONTENT_TOPIC,
        ...options,
        ...(cipherOf !== undefined && { cipher: tap.cipher(cipherOf(this.name, randomBytes)) }),
        senderId: this.name,
      })
      if (program.hasEnded) return
      process.channel = channel
      // What was said while its store kept it from opening is from before its time.
      this.#hasForgotten = false
      channel.health$.subscribe(({ state, missing }) => (this.#health = `${state} ${missing}`))
      this.#say(`is open, for the ${life}. time`)
      this.assess()
    } catch (error) {
      if (program.hasEnded) return
      this.#say(`does not open: ${String(error)}`)
      await this.#close()
      time.schedule(() => void this.start(), 30_000)
    }
  }

  /** Sends a payload of about that size. */
  send(
    bytes: number,
    { ephemeral = false, cancel = false, ...how }: Order & { ephemeral?: boolean; cancel?: boolean } = {},
  ): string | undefined {
    const process = this.#process
    if (!this.isAwake || process?.channel === undefined) return undefined
    const { truth, time } = this.#world
    const id = `${this.name}:${this.#next}`
    const { memory } = this
    const payload = encodeNote({ id, after: vectorOf([...memory.has.keys(), ...memory.sent]) }, bytes)
    let handle
    try {
      handle = process.channel.send(payload, { ephemeral, ...how })
    } catch (error) {
      this.#say(`cannot send: ${String(error)}`)
      return undefined
    }
    this.#next++
    const whose = { id, author: this.name, atMs: time.now(), life: this.#lives }
    const sent = { ...whose, payload, ephemeral, cancelled: false, refused: false, ...how }
    truth.sent.set(id, sent)
    truth.requested(handle.requestId, id)
    if (cancel && handle.cancel() === 'cancelled') {
      sent.cancelled = true
      return id
    }
    if (!ephemeral) memory.sent.add(id)
    if (process.isDirty) process.unsaved.add(id)
    const { order = '', priority = '' } = how
    this.#say(`sends ${id}, ${payload.length} B, request ${handle.requestId} ${priority} ${order}`)
    handle.accepted().then(
      () => {
        if (!process.program.hasEnded && !ephemeral) memory.accepted.add(id)
      },
      () => (sent.refused = true),
    )
    return id
  }

  /** Stands still: timers stop; with `offline` the sockets are gone as well. */
  sleep({ offline }: { readonly offline: boolean }): void {
    const process = this.#process
    if (process?.channel === undefined || this.#asleep || process.isClosing) return
    this.#asleep = true
    this.#asleepSinceMs = this.#world.time.now()
    this.#say(offline ? 'sleeps' : 'freezes')
    process.program.freeze()
    if (offline) process.peer.disconnect()
    this.assess()
  }

  /** Goes on. */
  wake({ timersFirst, counted, connectMs }: Waking): void {
    const process = this.#process
    if (process === undefined || !this.#asleep) return
    this.#countStanding()
    this.#say('wakes')
    if (connectMs === 0) process.peer.connect()
    process.program.thaw({ timersFirst, counted })
    if (connectMs > 0) this.#world.time.schedule(() => process.peer.connect(), connectMs)
    this.assess()
  }

  disconnect(): void {
    this.#process?.peer.disconnect()
  }

  connect(): void {
    if (!this.#asleep) this.#process?.peer.connect()
  }

  /** Its timers fire only so often, ms, as in a tab in the background; 0 for whenever they are due. */
  throttle(everyMs: number): void {
    this.#process?.program.clock.throttle(everyMs)
  }

  /** Sets its clock. */
  setClock(byMs: number): void {
    const clock = this.#process?.program.clock
    if (clock === undefined) return
    clock.set(byMs)
    this.#say(`has its clock set to ${(clock.offsetMs / 1000).toFixed(1)} s off`)
    this.clockMs.least = Math.min(this.clockMs.least, clock.offsetMs)
    this.clockMs.most = Math.max(this.clockMs.most, clock.offsetMs)
  }

  /** Ends its process in the middle of whatever it does. */
  crash(): void {
    const process = this.#process
    if (process === undefined) return
    this.#say('crashes')
    this.#end(process)
    const { sent, accepted } = this.memory
    // What was not accepted is nowhere, also where the store has not failed yet.
    if (process.isDirty || [...sent].some((id) => !accepted.has(id))) this.#forgetUnsaved(process)
  }

  /** Keeps a copy of its store, for {@link Member.rollBack}. */
  backUp(): void {
    if (!this.isRunning) return
    this.#backup = {
      medium: new Map(this.#medium),
      memory: this.#savedMemory(this.#process!),
    }
    this.#say('has its store copied')
  }

  /** Puts the copy in the place of its store, while it does not run. */
  rollBack(): void {
    if (this.#process !== undefined || this.#backup === undefined || this.disk.mood.kind !== 'well') return
    this.#say('has the copy put back')
    this.#medium.clear()
    for (const [key, value] of this.#backup.medium) this.#medium.set(key, value)
    this.memory = copyMemory(this.#backup.memory, new Set<string>())
    // Though it was lost before.
    this.#hasForgotten = false
  }

  /** Empties its store, while it does not run. */
  loseStore(): void {
    if (this.#process !== undefined) return
    this.#say('loses its store')
    this.#medium.clear()
    this.#hasForgotten = true
    this.#forget()
  }

  /** Closes its channel, which must end within its limit and leave nothing behind. */
  async close(): Promise<void> {
    const process = this.#process
    if (process === undefined || process.isClosing || this.#asleep) return
    this.#say('closes')
    await this.#close()
  }

  leave(): void {
    this.crash()
    this.isGone = true
    this.#say('is gone for good')
  }

  async #close(): Promise<void> {
    const process = this.#process!
    const { time, truth } = this.#world
    process.isClosing = true
    this.assess()
    const startMs = time.now()
    let isOver = false
    const limit = time.schedule(() => {
      if (!isOver && !process.program.hasEnded)
        truth.violate(`${this.name} has not closed in ${CLOSE_MS / 1000} s`)
    }, CLOSE_MS)
    let failed = false
    try {
      await process.manager.closeAll()
    } catch (error) {
      failed = true
      this.#say(`closes with ${String(error)}`)
    }
    if (process.program.hasEnded) return
    isOver = true
    limit.unsubscribe()
    this.#say(`is closed, after ${time.now() - startMs} ms`)
    // Timers that it leaves behind are counted in the next turn.
    await Promise.resolve()
    const { clock, listeners } = process.program
    if (clock.waiting > 0) truth.violate(`${this.name} left ${clock.waiting} timers behind`)
    if (listeners > 0) truth.violate(`${this.name} left ${listeners} subscriptions behind`)
    if (process.topics.count > 0) truth.violate(`${this.name} has not left its topic`)
    this.#end(process)
    // Else all is stored, whatever failed before.
    if (failed) this.#forgetUnsaved(process)
  }

  /** After each event, its buffers are within their limits. */
  #checkLimits({ channel, isClosing }: Process): void {
    if (channel === undefined || isClosing) return
    for (const each of exceeded(channel.stats())) this.#world.truth.violate(`${this.name} has ${each}`)
  }

  #end(process: Process): void {
    this.#clockMs = process.program.clock.offsetMs
    process.program.end()
    process.peer.close()
    this.#process = undefined
    this.#countStanding()
    this.#health = 'none'
    this.assess()
  }

  #forget(): void {
    this.memory = newMemory(this.#world.time.now())
    this.#stoodMs = 0
  }

  /** It stands still no more. */
  #countStanding(): void {
    if (this.#asleep) this.#stoodMs += this.#world.time.now() - this.#asleepSinceMs
    this.#asleep = false
  }

  /** Takes out of the memory what was not stored, since that may come again. */
  #forgetUnsaved(process: Process): void {
    if (this.hasStore) this.memory = this.#savedMemory(process)
    // Whose store knows nothing is new again.
    const { has, accepted } = this.memory
    if (has.size + accepted.size === 0) this.#hasForgotten = true
  }

  #savedMemory({ unsaved, isInDoubt }: Process): Memory {
    return copyMemory(this.memory, unsaved, isInDoubt)
  }

  #say(line: string): void {
    this.#world.say?.(`${this.name} ${line}`)
  }
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

const QUIET = new Set(['repair-requested', 'repair-sent', 'retransmitted', 'slow'])

function describe(detail: unknown): string {
  return JSON.stringify(detail, (_, value: unknown) =>
    value instanceof Uint8Array ? `${value.length} B` : value,
  )?.slice(0, 200)
}
