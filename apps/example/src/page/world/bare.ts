import { type Conditions, simulatedNetwork } from '@reliable-channels/simulator'
import type { SchedulerLike } from 'rxjs'
import { PEERS, type PeerName } from './settings.ts'

/** What became of the same messages without a reliable channel. */
export interface BareCounts {
  /** Messages that should have come: one for each receiver. */
  readonly expected: number
  readonly whole: number
  readonly doubled: number
  /** Messages that came whole after a later one of the same author. */
  readonly disordered: number
  /** Pieces that were sent. */
  readonly sent: number
}

/** The same traffic over the bare transport: cut into pieces, sent once, and counted on arrival. */
export interface BareTraffic {
  say(
    peer: PeerName,
    payload: Uint8Array,
    how: { readonly pieceBytes: number; readonly readers: readonly PeerName[] },
  ): void
  change(conditions: Conditions): void
  partition(peer: PeerName | 'nobody'): void
  setOnline(peer: PeerName, online: boolean): void
  readonly counts: BareCounts
  close(): void
}

const CONTENT_TOPIC = '/reliable-channels-demo/1/bare/proto'
/** Number of the message, of the piece, and of all pieces. */
const HEADER_BYTES = 8
/** Messages whose pieces are counted, for each receiver. @limit The oldest is forgotten, as if it were lost. */
const MAX_OPEN = 500

interface Arrivals {
  /** Pieces that came, by author and message. */
  readonly pieces: Map<string, Set<number>>
  readonly latest: Map<string, number>
}

/**
 * Opens the twin network. It has the same seed, so that the first copy of each message meets the same fate.
 *
 * @param before What was counted before a reload.
 */
export function openBare(
  seed: number,
  conditions: Conditions,
  scheduler: SchedulerLike,
  before: BareCounts = { expected: 0, whole: 0, doubled: 0, disordered: 0, sent: 0 },
): BareTraffic {
  const network = simulatedNetwork({ seed, scheduler, ...conditions, maxStoredBytes: 1 })
  const counts = { ...before }
  let number = 0

  const arrived = (author: string, payload: Uint8Array, { pieces, latest }: Arrivals): void => {
    const view = new DataView(payload.buffer, payload.byteOffset)
    const [message, piece, total] = [view.getUint32(0), view.getUint16(4), view.getUint16(6)]
    const key = `${author} ${message}`
    const held = pieces.get(key) ?? new Set<number>()
    if (held.has(piece)) {
      counts.doubled++
      return
    }
    held.add(piece)
    pieces.set(key, held)
    if (pieces.size > MAX_OPEN) pieces.delete(pieces.keys().next().value!)
    if (held.size < total) return
    counts.whole++
    const last = latest.get(author) ?? -1
    if (message < last) counts.disordered++
    latest.set(author, Math.max(last, message))
  }

  for (const name of PEERS) {
    const peer = network.peer(name)
    const arrivals: Arrivals = { pieces: new Map(), latest: new Map() }
    void peer.subscribe(CONTENT_TOPIC)
    peer.messages$.subscribe(({ payload, meta }) => {
      const author = PEERS[meta?.[0] ?? 0]!
      const isReader = (((meta?.[1] ?? 0) >> PEERS.indexOf(name)) & 1) === 1
      if (author !== name && isReader) arrived(author, payload, arrivals)
    })
  }

  return {
    counts,
    say(name, payload, { pieceBytes, readers }) {
      const total = Math.max(1, Math.ceil(payload.length / pieceBytes))
      counts.expected += readers.length
      for (let piece = 0; piece < total; piece++) {
        counts.sent++
        const content = payload.subarray(piece * pieceBytes, (piece + 1) * pieceBytes)
        const message = new Uint8Array(HEADER_BYTES + content.length)
        const view = new DataView(message.buffer)
        view.setUint32(0, number)
        view.setUint16(4, piece)
        view.setUint16(6, total)
        message.set(content, HEADER_BYTES)
        // Who has no key counts nothing, so that both ways are measured by the same.
        const readable = readers.reduce((bits, reader) => bits | (1 << PEERS.indexOf(reader)), 0)
        const meta = Uint8Array.of(PEERS.indexOf(name), readable)
        void network
          .peer(name)
          .send({ contentTopic: CONTENT_TOPIC, payload: message, ephemeral: false, meta })
      }
      number++
    },
    change: (next) => network.change(next),
    partition: (peer) => (peer === 'nobody' ? network.heal() : network.partition([[peer]])),
    setOnline(name, online) {
      if (online) network.peer(name).connect()
      else network.peer(name).disconnect()
    },
    close: () => network.close(),
  }
}
