import type { Connection, Libp2p } from '@libp2p/interface'

/** How long the real node would not have a peer back; longest that was watched. */
const BANISHED_MS = 60_000
/** How soon a connection of a banished peer is dropped. */
const DROP_AFTER_MS = 250
/** A stalled connection that its peer does not give up is ended after this. */
const STALLED_MS = 30_000
/** Peers banished at a time. @limit All are let in again. */
const MAX_BANISHED = 10_000

/**
 * The fate of a client whose request was turned away half-read.
 *
 * A real node answers 429 without reading the request. js-waku sends a request in two pieces; the second
 * blocks the node's read loop, so that nothing on that connection is ever read again: its streams are
 * not answered, its pings neither, and js-libp2p hangs up after some ten seconds. For about a minute
 * afterwards the same peer is dropped as soon as it connects.
 */
export class Outcasts {
  readonly #stalled = new WeakSet<Connection>()
  readonly #banished = new Map<string, number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #enabled: boolean

  constructor(enabled: boolean) {
    this.#enabled = enabled
  }

  /** Watches the connections of a node. */
  watch(libp2p: Libp2p): void {
    if (!this.#enabled) return
    libp2p.addEventListener('connection:open', ({ detail }) => this.#onOpen(detail))
    libp2p.addEventListener('connection:close', ({ detail }) => this.#onClose(detail))
  }

  /** Whether nothing is read from this connection any more. */
  isStalled(connection: Connection): boolean {
    return this.#stalled.has(connection)
  }

  /** Stops reading from a connection, for good. */
  stall(connection: Connection): void {
    if (!this.#enabled || this.#stalled.has(connection)) return
    this.#stalled.add(connection)
    // From now on, because a new connection may come before the end of this one is noticed.
    this.#banish(connection, STALLED_MS + BANISHED_MS)
    this.#after(STALLED_MS, () => connection.abort(new Error('stalled')))
  }

  /** Forgets everything; ends the timers. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#banished.clear()
  }

  #onOpen(connection: Connection): void {
    const until = this.#banished.get(connection.remotePeer.toString())
    if (until === undefined || until < Date.now()) return
    this.#after(DROP_AFTER_MS, () => connection.abort(new Error('not so soon')))
  }

  #onClose(connection: Connection): void {
    if (this.#stalled.has(connection)) this.#banish(connection, BANISHED_MS)
  }

  #banish({ remotePeer }: Connection, ms: number): void {
    if (this.#banished.size >= MAX_BANISHED) this.#banished.clear()
    this.#banished.set(remotePeer.toString(), Date.now() + ms)
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }
}
