import { multiaddr } from '@multiformats/multiaddr'

import { NodeFaults, type DevnetFaults } from './faults.ts'
import { isLinked, privateKeyOf } from './network.ts'
import { NodeRun, type NodeContext } from './node-run.ts'
import { NodeStore } from './node-store.ts'
import type { DevnetMessage, DevnetSettings } from './options.ts'
import { encodeRecord } from './peer-exchange.ts'
import { mulberry32 } from './random.ts'
import { until } from './until.ts'

/** A service node of a {@link Devnet}. */
export interface DevnetNode {
  readonly index: number
  /** Stays the same over restarts, and over runs with the same seed. */
  readonly peerId: string
  /** Addresses with the peer id, WebSocket first; they stay the same over restarts. */
  readonly multiaddrs: readonly string[]
  readonly running: boolean
  /** Switches for what goes wrong at this node. */
  readonly faults: DevnetFaults
  /** Counts of what the node holds and has done. */
  stats(): DevnetNodeStats
  /** Stops the node: connections break, subscriptions are lost, the store stays. */
  stop(): Promise<void>
  /** Starts a stopped node on its old addresses and links it to the nodes that run. */
  start(): Promise<void>
  /** {@link stop}, then {@link start}. */
  restart(): Promise<void>
}

/** Counts of what a node holds now and has done since it was made. */
export interface DevnetNodeStats {
  readonly connections: number
  /** Peers with a filter subscription. */
  readonly subscribers: number
  /** Messages in the store. */
  readonly stored: number
  /** Messages taken, by light push and from the relay. */
  readonly messages: number
  /** Filter pushes sent. */
  readonly pushed: number
  /** Filter pushes that had nowhere to go: the subscriber was away or did not keep up. */
  readonly unpushed: number
}

const LINK_TIMEOUT_MS = 30_000

/** The node behind {@link DevnetNode}. */
export class ServiceNode implements DevnetNode {
  readonly index: number
  readonly faults: NodeFaults
  readonly #context: NodeContext
  readonly #neighbours: () => readonly ServiceNode[]
  #run: NodeRun | undefined
  #peerId = ''
  #record: Uint8Array | undefined
  #multiaddrs: readonly string[] = []
  #turn: Promise<void> = Promise.resolve()

  constructor(
    index: number,
    options: DevnetSettings,
    neighbours: () => readonly ServiceNode[],
    others: () => readonly ServiceNode[],
    onMessage: (message: DevnetMessage) => void,
  ) {
    this.index = index
    this.#neighbours = neighbours
    this.faults = new NodeFaults(mulberry32(options.seed + index), (peer) =>
      this.#run?.subscriptions.forget(peer),
    )
    this.#context = {
      index,
      privateKey: privateKeyOf(options.seed, index),
      options,
      faults: this.faults,
      store: options.store === undefined ? undefined : new NodeStore(options.store, index),
      counters: { messages: 0, pushed: 0, unpushed: 0 },
      isOurs: (peerId) => others().some((other) => other.peerId === peerId),
      records: () => others().flatMap((other) => other.#record ?? []),
      onMessage,
    }
  }

  get peerId(): string {
    return this.#peerId
  }

  get multiaddrs(): readonly string[] {
    return this.#multiaddrs
  }

  get running(): boolean {
    return this.#run !== undefined
  }

  stats(): DevnetNodeStats {
    return {
      connections: this.#run?.libp2p.getConnections().length ?? 0,
      subscribers: this.#run?.subscriptions.size ?? 0,
      stored: this.#context.store?.archive.size ?? 0,
      ...this.#context.counters,
    }
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#shutDown())
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#bringUp())
  }

  restart(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#shutDown()
      await this.#bringUp()
    })
  }

  async #bringUp(): Promise<void> {
    if (this.#run !== undefined) return
    await this.#open()
    await this.#link(() => true)
  }

  /** One start or stop at a time, in the order in which they were asked for. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  /** Starts without linking; for a network whose nodes all start. */
  open(): Promise<void> {
    return this.#inTurn(() => this.#open())
  }

  /** Links to the neighbours that run, as far as `isWanted`. */
  link(isWanted: (neighbour: ServiceNode) => boolean): Promise<void> {
    return this.#inTurn(() => this.#link(isWanted))
  }

  async #open(): Promise<void> {
    if (this.#run !== undefined) return
    await this.#context.store?.open(Date.now())
    const run = await NodeRun.start(this.#context, this.#listenAddresses())
    this.#run = run
    this.#peerId = run.libp2p.peerId.toString()
    const addresses = run.libp2p.getMultiaddrs().map(String)
    this.#multiaddrs = [...addresses.filter(isWebSocket), ...addresses.filter((one) => !isWebSocket(one))]
    this.#record = await this.#encodeRecord()
  }

  async #encodeRecord(): Promise<Uint8Array | undefined> {
    const { privateKey, options, store } = this.#context
    const { clusterId, shards } = options
    const [address] = this.#multiaddrs
    if (address === undefined) return undefined
    return encodeRecord({ privateKey, address, clusterId, shards, hasStore: store !== undefined })
  }

  async #shutDown(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    this.#record = undefined
    await run?.stop()
    await this.#context.store?.close()
  }

  /** Dials neighbours, and waits until gossip flows both ways with each. */
  async #link(isWanted: (neighbour: ServiceNode) => boolean): Promise<void> {
    const run = this.#run
    if (run === undefined) return
    await Promise.all(
      this.#neighbours()
        .filter(isWanted)
        .map(async (neighbour) => {
          const other = neighbour.#run
          const address = neighbour.multiaddrs.find((one) => !isWebSocket(one))
          if (other === undefined || address === undefined) return
          await run.libp2p.dial(multiaddr(address))
          await until(
            () => neighbour.#run !== other || isLinked(run.libp2p, other.libp2p, run.topics),
            LINK_TIMEOUT_MS,
            `node ${this.index} to exchange gossip with node ${neighbour.index}`,
          )
        }),
    )
  }

  /** The ports of the last run, or those asked for. */
  #listenAddresses(): string[] {
    const { host, port } = this.#context.options
    const last = this.#multiaddrs
    const first = port === 0 ? 0 : port + 2 * this.index
    const webSocketPort = portOf(last[0]) ?? first
    const tcpPort = portOf(last.at(-1)) ?? (port === 0 ? 0 : first + 1)
    const network = host.includes(':') ? 'ip6' : 'ip4'
    return [`/${network}/${host}/tcp/${webSocketPort}/ws`, `/${network}/${host}/tcp/${tcpPort}`]
  }
}

function isWebSocket(address: string): boolean {
  return address.includes('/ws')
}

function portOf(address: string | undefined): number | undefined {
  const port = /\/tcp\/(\d+)/.exec(address ?? '')?.[1]
  return port === undefined ? undefined : Number(port)
}
