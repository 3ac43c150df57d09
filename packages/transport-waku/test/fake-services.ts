import { Subject } from 'rxjs'

import type { DialFailure, Sightings } from '../src/core/connection-problem.ts'
import type { FilterRequest } from '../src/core/filter-codec.ts'
import { type WireMessage, wireMessageHash } from '../src/core/message.ts'
import type { Status } from '../src/core/status.ts'
import type { StorePage, StoreQuery } from '../src/core/store-codec.ts'
import type { PushRequest, Service, Services } from '../src/services.ts'

/** Every fake message travels on this one. */
export const FAKE_PUBSUB_TOPIC = '/waku/2/rs/66/0'

/** Called by a fake service node with each request, before it does what it should. */
export type Behaviour<Request> = (
  request: Request,
  signal: AbortSignal,
) => Status | undefined | Promise<Status | undefined>

/** What a service node answers. */
export const status = (code: number, text = ''): Status => ({ code, text })

const OK = status(200)

/** Never answers. */
export const silent = (): Promise<never> => new Promise(() => {})

/** A service node of {@link FakeServices}: behaves well unless told otherwise. */
export class FakeServiceNode {
  readonly name: string
  readonly services: Set<Service>
  /** The pushes that it got, with the time. */
  readonly pushes: { readonly atMs: number; readonly hash: string }[] = []
  readonly filterRequests: FilterRequest[] = []
  readonly queries: StoreQuery[] = []
  /** Messages it has, by hash, in the order of their timestamps. */
  readonly store = new Map<string, WireMessage>()
  readonly subscribed = new Set<string>()
  delayMs = 10
  /** Pushes under way. */
  underWay = 0
  onPush: Behaviour<PushRequest> = () => undefined
  onFilter: Behaviour<FilterRequest> = () => undefined
  onQuery: (query: StoreQuery) => StorePage | undefined | Promise<StorePage | undefined> = () => undefined
  /** Does not keep what it takes. */
  keepsNothing = false
  /** Does not deliver what it takes. */
  deliversNothing = false

  constructor(name: string, services: readonly Service[]) {
    this.name = name
    this.services = new Set(services)
  }
}

/** A fake of the service nodes around a light node, in whatever time the timers have. */
export class FakeServices implements Services {
  readonly nodes = new Map<string, FakeServiceNode>()
  readonly changes$ = new Subject<void>()
  readonly listeners = new Map<string, Set<(message: WireMessage) => void>>()
  /** Most pushes that were under way at once. */
  mostUnderWay = 0
  isStarted = true
  closed = false
  clusterId: number | undefined = 66
  /** Clusters of peers of another one. */
  readonly foreign = new Map<string, number>()
  dialFailure: DialFailure | undefined

  get sightings(): Sightings {
    const connected = [...this.nodes.values()].map(({ name: peer, services }) => ({
      peer,
      services,
      isIdentified: true,
      served: undefined,
    }))
    return { connected, foreign: this.foreign, dialFailure: this.dialFailure }
  }

  /** Adds a service node, connected from now on. */
  add(name: string, services: readonly Service[] = ['lightPush', 'filter', 'store']): FakeServiceNode {
    const node = new FakeServiceNode(name, services)
    this.nodes.set(name, node)
    this.changes$.next()
    return node
  }

  /** Cuts a service node off. */
  remove(name: string): void {
    this.nodes.delete(name)
    this.changes$.next()
  }

  /** Starts or stops the light node. */
  setStarted(isStarted: boolean): void {
    this.isStarted = isStarted
    this.changes$.next()
  }

  peers(service: Service): string[] {
    return this.isStarted
      ? [...this.nodes.values()].filter((n) => n.services.has(service)).map((n) => n.name)
      : []
  }

  pubsubTopicOf(contentTopic: string): string {
    if (!contentTopic.startsWith('/')) throw new Error('not a content topic')
    return FAKE_PUBSUB_TOPIC
  }

  async push(peer: string, request: PushRequest, signal: AbortSignal): Promise<Status> {
    const node = this.#node(peer)
    const { message } = request
    const hash = wireMessageHash(request.pubsubTopic, message)
    node.pushes.push({ atMs: Date.now(), hash })
    node.underWay++
    const underWay = [...this.nodes.values()].reduce((sum, each) => sum + each.underWay, 0)
    this.mostUnderWay = Math.max(this.mostUnderWay, underWay)
    try {
      const answer = await abortable(signal, node.onPush(request, signal))
      await abortable(signal, sleep(node.delayMs))
      if (answer !== undefined) return answer
      this.take(node, hash, message)
      return OK
    } finally {
      node.underWay--
    }
  }

  /** A service node takes a message: keeps it, and it is delivered if somebody is subscribed. */
  take(node: FakeServiceNode, hash: string, message: WireMessage): void {
    if (!node.keepsNothing && !message.ephemeral) {
      for (const each of this.nodes.values()) each.store.set(hash, message)
    }
    if (!node.deliversNothing) this.deliver(message)
  }

  /** Has the service nodes push a message to their subscribers. */
  deliver(message: WireMessage): void {
    for (const node of this.nodes.values()) {
      if (!node.subscribed.has(message.contentTopic)) continue
      for (const listener of this.listeners.get(message.contentTopic) ?? []) listener(message)
    }
  }

  async filter(peer: string, request: FilterRequest, signal: AbortSignal): Promise<Status> {
    const node = this.#node(peer)
    node.filterRequests.push(request)
    const answer = await abortable(signal, node.onFilter(request, signal))
    await abortable(signal, sleep(node.delayMs))
    if (answer !== undefined) return answer
    if (request.type === 'subscribe') for (const topic of request.contentTopics) node.subscribed.add(topic)
    if (request.type === 'unsubscribe')
      for (const topic of request.contentTopics) node.subscribed.delete(topic)
    return request.type === 'ping' && node.subscribed.size === 0 ? status(404, 'NOT_FOUND') : OK
  }

  async query(peer: string, query: StoreQuery, signal: AbortSignal): Promise<StorePage> {
    const node = this.#node(peer)
    node.queries.push(query)
    const answer = await abortable(signal, node.onQuery(query))
    await abortable(signal, sleep(node.delayMs))
    if (answer !== undefined) return answer
    let rows = [...node.store].sort(([, a], [, b]) => Number(a.timestampNs! - b.timestampNs!))
    if (query.hashes !== undefined) rows = rows.filter(([hash]) => query.hashes!.includes(hash))
    if (query.contentTopic !== undefined) rows = rows.filter(([, m]) => m.contentTopic === query.contentTopic)
    if (query.sinceNs !== undefined) rows = rows.filter(([, m]) => m.timestampNs! >= query.sinceNs!)
    const start = query.cursor === undefined ? 0 : rows.findIndex(([hash]) => hash === query.cursor) + 1
    if (query.cursor !== undefined && start === 0)
      return { status: status(300, 'cursor not found'), rows: [] }
    const page = rows.slice(start, start + query.limit)
    const last = page.at(-1)
    return {
      status: OK,
      rows: page.map(([hash, message]) => (query.includeData ? { hash, message } : { hash })),
      ...(start + query.limit < rows.length && last !== undefined && { cursor: last[0] }),
    }
  }

  listen(contentTopic: string, listener: (message: WireMessage) => void): Promise<() => void> {
    const listeners = this.listeners.get(contentTopic) ?? new Set()
    this.listeners.set(contentTopic, listeners.add(listener))
    return Promise.resolve(() => void listeners.delete(listener))
  }

  close(): void {
    this.closed = true
  }

  #node(peer: string): FakeServiceNode {
    const node = this.nodes.get(peer)
    if (node === undefined) throw new Error(`${peer} is not connected`)
    return node
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function abortable<T>(signal: AbortSignal, work: T | Promise<T>): Promise<T> {
  signal.throwIfAborted()
  return Promise.race([
    work,
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  ])
}
