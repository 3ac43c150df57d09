import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import {
  type SimulatedNetwork,
  type SimulatedPeer,
  type SimulatedProcess,
  type VirtualTime,
  seededRandom,
  simulatedProcess,
} from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'

/** Where the members live. */
export interface World {
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
}

/** Closing may take its limits together: the last word, the topic and the store. */
const CLOSE_MS = 60_000

/** A member of the channel, over all its processes. */
export class Member {
  readonly name: string
  readonly #world: World
  readonly #onReceived: (text: string, late: boolean) => void
  readonly #disk = new Map<string, Uint8Array>()
  #process: SimulatedProcess | undefined
  #peer: SimulatedPeer | undefined
  #channel: ReliableChannel | undefined
  #lives = 0

  constructor(world: World, name: string, onReceived: (text: string, late: boolean) => void) {
    this.#world = world
    this.name = name
    this.#onReceived = onReceived
  }

  async start(): Promise<void> {
    const { time, network } = this.#world
    const process = simulatedProcess(time)
    const random = seededRandom(1, `${this.name}/${++this.#lives}`)
    this.#process = process
    this.#peer = network.peer(this.name)
    this.#channel = await openChannel({
      channelId: 'model',
      contentTopic: '/model/1/all/proto',
      senderId: this.name,
      transport: process.transport(this.#peer),
      store: process.store(memoryStore(this.#disk)),
      scheduler: process.clock,
      randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
      // Its killed processes are part of this one.
      exclusive: false,
    })
    this.#channel.incoming$.subscribe(({ payload, late }) =>
      this.#onReceived(new TextDecoder().decode(payload), late),
    )
  }

  /** Says it; what is accepted outlives the process. */
  async say(text: string): Promise<void> {
    await this.#channel!.send(new TextEncoder().encode(text)).accepted()
  }

  kill(): void {
    this.#process!.end()
    this.#peer!.close()
  }

  async close(): Promise<void> {
    let isClosed = false
    void this.#channel!.close().then(() => (isClosed = true))
    await this.#world.time.advance(CLOSE_MS)
    if (!isClosed) throw new Error(`${this.name} does not close`)
    this.kill()
  }

  freeze(): void {
    this.#process!.freeze()
  }

  thaw(): void {
    this.#process!.thaw()
  }

  connect(): void {
    this.#peer!.connect()
  }

  disconnect(): void {
    this.#peer!.disconnect()
  }
}
