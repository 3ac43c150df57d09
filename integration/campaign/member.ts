import {
  type StoreFaults,
  type TransportFaults,
  storeFaults,
  transportFaults,
} from '@reliable-channels/simulator'
import { inWords } from './in-words.ts'
import { LIAR } from './liars.ts'
import { Life } from './life.ts'
import type { Surroundings } from './surroundings.ts'
import type { Judged, Memory } from './truth.ts'
import type { ChannelEvent, ReceivedEvent } from './truth/receive.ts'
import { Past } from './past.ts'
import { type NoteOptions, sendNote } from './send-note.ts'
import type { Constitution, Waking } from './constitution.ts'

/** Why a channel may not open: its store or its transport fails. */
const HINDRANCES = ['ERR_STORE_LOAD', 'ERR_SUBSCRIBE']

/** A member of the channel, over all its processes. */
export class Member implements Judged {
  readonly name: string
  /** The moods of its store and of its way to the network. */
  readonly disk: StoreFaults = storeFaults()
  readonly way: TransportFaults = transportFaults()
  isGone = false
  reachableSinceMs: number | undefined
  /** Something keeps it from being reached, though its process runs. */
  readonly hindered = new Set<string>()
  readonly #world: Surroundings
  readonly #constitution: Constitution
  readonly #past: Past
  #life: Life | undefined
  #lives = 0
  #next = 1
  #asleep = false
  #asleepSinceMs = 0
  #stoodMs = 0
  #clockMs: number
  readonly clockMs: { least: number; most: number }
  #health = 'none'
  /** Its memory when its last process began. */
  #lastMemory: Memory

  constructor(world: Surroundings, constitution: Constitution) {
    this.#world = world
    this.#constitution = constitution
    this.name = constitution.name
    this.#past = new Past(() => world.time.now(), constitution.hasStore)
    this.#lastMemory = this.memory
    this.#clockMs = constitution.offsetMs ?? 0
    this.clockMs = { least: this.#clockMs, most: this.#clockMs }
    world.truth.member(this)
  }

  get memory(): Memory {
    return this.#past.memory
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
    if (this.#past.hasForgotten || (!this.hasStore && number > 1)) this.#forget()
    const life = new Life(this.#world, {
      name: this.name,
      number,
      clockMs: this.#clockMs,
      drift: this.#constitution.drift ?? 0,
      medium: this.hasStore ? this.#past.medium : undefined,
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
      this.#past.hasForgotten = false
      channel.health$.subscribe(({ state, missing }) => (this.#health = `${state} ${missing}`))
      this.#say(`is open, for the ${number}. time`)
      this.assess()
    } catch (error) {
      if (life.program.hasEnded || life.isClosing) return
      this.#say(`does not open: ${String(error)}`)
      if (!HINDRANCES.includes((error as { readonly code?: string }).code ?? ''))
        truth.violate(`${this.name} does not open: ${String(error)}`)
      await this.#close()
      time.schedule(() => void this.start(), 30_000)
    }
  }

  /** Sends a note of about so many bytes; returns its id, or nothing where it cannot. */
  send(bytes: number, options: NoteOptions = {}): string | undefined {
    const life = this.#life
    if (!this.isAwake || life?.channel === undefined) return undefined
    const { name, memory } = this
    const say = (line: string): void => this.#say(line)
    const author = { world: this.#world, name, number: this.#lives, life, channel: life.channel, memory, say }
    const id = `${name}:${this.#next}`
    if (!sendNote(author, id, bytes, options)) return undefined
    this.#next++
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
    if (life.unsaved.isDirty || [...sent].some((id) => !accepted.has(id))) this.#past.forgetUnsaved(life)
  }

  /** Keeps a copy of its store, for {@link Member.rollBack}. */
  backUp(): void {
    if (!this.isRunning) return
    this.#past.backUp(this.#life!)
    this.#say('has its store copied')
  }

  /** Puts the copy in the place of its store, while it does not run. */
  rollBack(): void {
    if (this.#life !== undefined || !this.#past.hasCopy || this.disk.mood.kind !== 'well') return
    this.#say('has the copy put back')
    this.#past.rollBack()
  }

  /** Empties its store, while it does not run. */
  loseStore(): void {
    if (this.#life !== undefined) return
    this.#say('loses its store')
    this.#past.lose()
    this.#stoodMs = 0
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
    if (event.type === 'diagnostic') life.unsaved.hear(event)
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
    life.unsaved.add(note.id)
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
    if (failed) this.#past.forgetUnsaved(life)
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
    this.#past.forget()
    this.#stoodMs = 0
  }

  /** It stands still no more. */
  #countStanding(): void {
    if (this.#asleep) this.#stoodMs += this.#world.time.now() - this.#asleepSinceMs
    this.#asleep = false
  }

  #say(line: string): void {
    this.#world.say?.(`${this.name} ${line}`)
  }
}
