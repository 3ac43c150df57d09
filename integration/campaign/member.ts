import {
  type StoreFaults,
  type TransportFaults,
  storeFaults,
  transportFaults,
} from '@reliable-channels/simulator'
import { inWords } from './in-words.ts'
import { LIAR } from './liars.ts'
import { Life } from './life.ts'
import { encodeNote, vectorOf } from './note.ts'
import type { Surroundings } from './surroundings.ts'
import { type Order, type Judged, type Memory, copyMemory, newMemory } from './truth.ts'
import type { ChannelEvent, ReceivedEvent } from './truth/receive.ts'

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
  #life: Life | undefined
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
    return this.#life?.channel !== undefined && !this.#life.isClosing
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
    return this.#life !== undefined
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
    return this.#life?.channel?.requests.length ?? 0
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
    if (this.#life !== undefined || this.isGone) return
    const { time, truth } = this.#world
    const number = ++this.#lives
    // Its time begins when it is there again.
    if (this.#hasForgotten || (!this.hasStore && number > 1)) this.#forget()
    const life = new Life(this.#world, {
      name: this.name,
      number,
      clockMs: this.#clockMs,
      drift: this.#constitution.drift ?? 0,
      medium: this.hasStore ? this.#medium : undefined,
      disk: this.disk,
      way: this.way,
    })
    this.#life = life
    if (this.memory !== this.#lastMemory) truth.restarted(this.name)
    this.#lastMemory = this.memory
    life.manager.events$.subscribe((event) => this.#hear(life, event))
    life.manager.incoming$.subscribe()
    try {
      const channel = await life.open()
      if (channel === undefined) return
      // What was said while its store kept it from opening is from before its time.
      this.#hasForgotten = false
      channel.health$.subscribe(({ state, missing }) => (this.#health = `${state} ${missing}`))
      this.#say(`is open, for the ${number}. time`)
      this.assess()
    } catch (error) {
      if (life.program.hasEnded) return
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
    const life = this.#life
    if (!this.isAwake || life?.channel === undefined) return undefined
    const { truth, time } = this.#world
    const id = `${this.name}:${this.#next}`
    const { memory } = this
    const payload = encodeNote({ id, after: vectorOf([...memory.has.keys(), ...memory.sent]) }, bytes)
    let handle
    try {
      handle = life.channel.send(payload, { ephemeral, ...how })
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
    if (life.isDirty) life.unsaved.add(id)
    handle.status$.subscribe(({ state, error }) => {
      const isError = state === 'cancelled' || state.endsWith('-failed')
      if ((error !== undefined) !== isError || (error === 'cancelled') !== (state === 'cancelled'))
        truth.violate(`${this.name} sees ${id} as ${state}, with the error ${error}`)
    })
    const { order = '', priority = '' } = how
    this.#say(`sends ${id}, ${payload.length} B, request ${handle.requestId} ${priority} ${order}`)
    handle.accepted().then(
      () => {
        if (!life.program.hasEnded && !ephemeral) memory.accepted.add(id)
      },
      () => (sent.refused = true),
    )
    return id
  }

  /** Stands still: timers stop; with `offline` the sockets are gone as well. */
  sleep({ offline }: { readonly offline: boolean }): void {
    const life = this.#life
    if (life?.channel === undefined || this.#asleep || life.isClosing) return
    this.#asleep = true
    this.#asleepSinceMs = this.#world.time.now()
    this.#say(offline ? 'sleeps' : 'freezes')
    life.program.freeze()
    if (offline) life.peer.disconnect()
    this.assess()
  }

  /** Goes on. */
  wake({ timersFirst, counted, connectMs }: Waking): void {
    const life = this.#life
    if (life === undefined || !this.#asleep) return
    this.#countStanding()
    this.#say('wakes')
    if (connectMs === 0) life.peer.connect()
    life.program.thaw({ timersFirst, counted })
    if (connectMs > 0) this.#world.time.schedule(() => life.peer.connect(), connectMs)
    this.assess()
  }

  disconnect(): void {
    this.#life?.peer.disconnect()
  }

  connect(): void {
    if (!this.#asleep) this.#life?.peer.connect()
  }

  /** Its timers fire only so often, ms, as in a tab in the background; 0 for whenever they are due. */
  throttle(everyMs: number): void {
    this.#life?.program.clock.throttle(everyMs)
  }

  /** Sets its clock. */
  setClock(byMs: number): void {
    const clock = this.#life?.program.clock
    if (clock === undefined) return
    clock.set(byMs)
    this.#say(`has its clock set to ${(clock.offsetMs / 1000).toFixed(1)} s off`)
    this.clockMs.least = Math.min(this.clockMs.least, clock.offsetMs)
    this.clockMs.most = Math.max(this.clockMs.most, clock.offsetMs)
  }

  /** Ends its process in the middle of whatever it does. */
  crash(): void {
    const life = this.#life
    if (life === undefined) return
    this.#say('crashes')
    this.#end(life)
    const { sent, accepted } = this.memory
    // What was not accepted is nowhere, also where the store has not failed yet.
    if (life.isDirty || [...sent].some((id) => !accepted.has(id))) this.#forgetUnsaved(life)
  }

  /** Keeps a copy of its store, for {@link Member.rollBack}. */
  backUp(): void {
    if (!this.isRunning) return
    this.#backup = {
      medium: new Map(this.#medium),
      memory: this.#savedMemory(this.#life!),
    }
    this.#say('has its store copied')
  }

  /** Puts the copy in the place of its store, while it does not run. */
  rollBack(): void {
    if (this.#life !== undefined || this.#backup === undefined || this.disk.mood.kind !== 'well') return
    this.#say('has the copy put back')
    this.#medium.clear()
    for (const [key, value] of this.#backup.medium) this.#medium.set(key, value)
    this.memory = copyMemory(this.#backup.memory, new Set<string>())
    // Though it was lost before.
    this.#hasForgotten = false
  }

  /** Empties its store, while it does not run. */
  loseStore(): void {
    if (this.#life !== undefined) return
    this.#say('loses its store')
    this.#medium.clear()
    this.#hasForgotten = true
    this.#forget()
  }

  /** Closes its channel, which must end within its limit and leave nothing behind. */
  async close(): Promise<void> {
    const life = this.#life
    if (life === undefined || life.isClosing || this.#asleep) return
    this.#say('closes')
    await this.#close()
  }

  leave(): void {
    this.crash()
    this.isGone = true
    this.#say('is gone for good')
  }

  #hear(life: Life, event: ChannelEvent): void {
    const { truth } = this.#world
    life.checkLimits()
    if (life.program.hasEnded) return truth.violate(`${this.name} told something after its end`)
    if (event.type === 'reliable:message:received') return this.#received(life, event)
    if (event.type === 'diagnostic') life.hear(event)
    const words = inWords(event)
    if (words !== undefined) this.#say(words)
    truth.told(this, event)
    if (event.type === 'reliable:message:delivered')
      this.#constitution.onDelivered?.(this, truth.idOf(event.requestId) ?? '')
  }

  #received(life: Life, event: ReceivedEvent): void {
    if (event.senderId === LIAR) return
    const note = this.#world.truth.received(this, event)
    if (note === undefined) return
    if (life.isDirty) life.unsaved.add(note.id)
    this.#say(`has ${note.id}${event.late ? ', late' : ''}${event.redelivered ? ', again' : ''}`)
    this.#constitution.onReceived?.(this, note.id)
  }

  async #close(): Promise<void> {
    const life = this.#life!
    const closing = life.close((line) => this.#say(line))
    this.assess()
    const failed = await closing
    if (failed === undefined) return
    this.#end(life)
    // Else all is stored, whatever failed before.
    if (failed) this.#forgetUnsaved(life)
  }

  #end(life: Life): void {
    this.#clockMs = life.program.clock.offsetMs
    life.end()
    this.#life = undefined
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
  #forgetUnsaved(life: Life): void {
    if (this.hasStore) this.memory = this.#savedMemory(life)
    // Whose store knows nothing is new again.
    const { has, accepted } = this.memory
    if (has.size + accepted.size === 0) this.#hasForgotten = true
  }

  #savedMemory({ unsaved, isInDoubt }: Life): Memory {
    return copyMemory(this.memory, unsaved, isInDoubt)
  }

  #say(line: string): void {
    this.#world.say?.(`${this.name} ${line}`)
  }
}
