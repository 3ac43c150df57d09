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
} from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { exceeded } from './limits.ts'
import type { Surroundings } from './surroundings.ts'
import { Tap } from './tap.ts'
import { Unsaved } from './unsaved.ts'

export const CHANNEL_ID = 'campaign'
export const CONTENT_TOPIC = '/campaign/1/notes/proto'

/** Longest that closing may take: the last word, the topic, two writes and the store's last chance. */
const CLOSE_MS = 60_000

/** Whose life it is, and what it begins with. */
export interface LifeOptions {
  readonly name: string
  /** The how manieth it is. */
  readonly number: number
  readonly clockMs: number
  readonly drift: number
  /** What is on the disk; without one, nothing is stored. */
  readonly medium: Map<string, Uint8Array> | undefined
  /** The moods of its store and of its way to the network. */
  readonly disk: StoreFaults
  readonly way: TransportFaults
}

/** One run of a member's program. */
export class Life {
  readonly program: SimulatedProcess
  readonly peer: SimulatedPeer
  readonly manager: ReliableChannelManager
  readonly unsaved = new Unsaved()
  readonly #world: Surroundings
  readonly #name: string
  readonly #tap: Tap
  readonly #randomBytes: (length: number) => Uint8Array
  /** Topics that it has subscribed, less those that it has asked to leave. */
  readonly #topics = { count: 0 }
  #channel: ReliableChannel | undefined
  #isClosing = false

  constructor(world: Surroundings, { name, number, clockMs, drift, medium, disk, way }: LifeOptions) {
    const { seed, time, network, frames, memory, node } = world
    this.#world = world
    this.#name = name
    this.program = simulatedProcess(time, { offsetMs: clockMs, drift })
    this.peer = network.peer(name)
    frames?.listen(this.peer)
    const whole = this.program.transport(this.peer)
    if (!memory) {
      delete whole.fetch
      delete whole.history
    }
    this.#tap = new Tap(world, name)
    const faulty = faultyTransport(whole, { faults: way, scheduler: time })
    const random = seededRandom(seed, `${name}/${number}`)
    this.#randomBytes = (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256))
    this.manager = new ReliableChannelManager({
      scheduler: this.program.clock,
      randomBytes: this.#randomBytes,
      ...(medium !== undefined && {
        store: this.unsaved.watch(
          faultyStore(this.program.store(memoryStore(medium)), { faults: disk, scheduler: time }),
        ),
      }),
      // Its former lives are still there, for all that this process knows.
      exclusive: false,
      ...node,
      transport: this.#tap.transport(faulty, this.#topics),
    })
  }

  get channel(): ReliableChannel | undefined {
    return this.#channel
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Opens the channel; `undefined` where the process has ended meanwhile. */
  async open(): Promise<ReliableChannel | undefined> {
    const { cipherOf, channel: options } = this.#world
    const channel = await this.manager.create({
      channelId: CHANNEL_ID,
      contentTopic: CONTENT_TOPIC,
      ...options,
      ...(cipherOf !== undefined && { cipher: this.#tap.cipher(cipherOf(this.#name, this.#randomBytes)) }),
      senderId: this.#name,
    })
    if (this.program.hasEnded) return undefined
    this.#channel = channel
    return channel
  }

  /** After each event, its buffers are within their limits. */
  checkLimits(): void {
    if (this.#channel === undefined || this.#isClosing) return
    for (const each of exceeded(this.#channel.stats())) this.#world.truth.violate(`${this.#name} has ${each}`)
  }

  /**
   * Closes the channel, which must end within its limit and leave nothing behind. Returns whether anything failed;
   * `undefined` where the process ended meanwhile.
   */
  async close(say: (line: string) => void): Promise<boolean | undefined> {
    const { time, truth } = this.#world
    this.#isClosing = true
    const startMs = time.now()
    let isOver = false
    const limit = time.schedule(() => {
      if (!isOver && !this.program.hasEnded)
        truth.violate(`${this.#name} has not closed in ${CLOSE_MS / 1000} s`)
    }, CLOSE_MS)
    let failed = false
    try {
      await this.manager.closeAll()
    } catch (error) {
      failed = true
      say(`closes with ${String(error)}`)
    }
    if (this.program.hasEnded) return undefined
    isOver = true
    limit.unsubscribe()
    say(`is closed, after ${time.now() - startMs} ms`)
    // Timers that it leaves behind are counted in the next turn.
    await Promise.resolve()
    const { clock, listeners } = this.program
    if (clock.waiting > 0) truth.violate(`${this.#name} left ${clock.waiting} timers behind`)
    if (listeners > 0) truth.violate(`${this.#name} left ${listeners} subscriptions behind`)
    if (this.#topics.count > 0) truth.violate(`${this.#name} has not left its topic`)
    return failed
  }

  /** The process ends, in the middle of whatever it does. */
  end(): void {
    this.program.end()
    this.peer.close()
  }
}
