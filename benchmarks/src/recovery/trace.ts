import type { ReliableChannel } from '@reliable-channels/channel'
import { type HistoryEntry, decodeMessage, kindOf } from '@reliable-channels/sds/core'
import type { SimulatedNetwork, VirtualTime } from '@reliable-channels/simulator'
import type { Envelope, Transport } from '@reliable-channels/transport'
import { rewired } from './rewired.ts'

/** One thing that happened in a run: a frame that somebody sent, or something that a channel told. */
export interface Traced {
  /** Time since the run began, s. */
  readonly atS: number
  readonly who: string
  /** The kind of a frame, such as `content` or `again`, or `= ` and what the channel told. */
  readonly what: string
  /** The messages that it is about, by their numbers. */
  readonly names: readonly number[]
  /** Further messages that a frame names, and why. */
  readonly lists?: readonly Listed[]
  /** Size of a frame. */
  readonly bytes?: number
  /** Who does not hear the frame. */
  readonly lostTo?: readonly string[]
}

/** A word, such as `after`, and the messages that it is said of. */
interface Listed {
  readonly word: string
  readonly names: readonly number[]
}

/** Looks at everything that passes, and says it. */
export interface Tracer {
  /** The same transport, which tells what it sends and fetches. */
  transport(name: string, transport: Transport): Transport
  /** Tells what a channel tells. */
  channel(channel: ReliableChannel): void
}

/** The world that a tracer looks at, and where it tells what it sees. */
export interface TracerOptions {
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
  readonly say: (traced: Traced) => void
}

/** Names listed in one line; of the rest the number. */
const MOST_NAMES = 12

/** Messages by their numbers: `#1 #3`; three and more that follow each other are `#5 … #8`. */
export function namesText(names: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < names.length;) {
    let end = i + 1
    while (names[end] === names[end - 1]! + 1) end++
    if (end - i < 3) end = i + 1
    parts.push(end === i + 1 ? `#${names[i]}` : `#${names[i]} … #${names[end - 1]}`)
    i = end
  }
  const rest = parts.length > MOST_NAMES ? ` and ${parts.length - MOST_NAMES} more` : ''
  return parts.slice(0, MOST_NAMES).join(' ') + rest
}

/** The start of each line: when, and who. */
export const lineStart = ({ atS, who }: Traced): string => `${atS.toFixed(3).padStart(9)}  ${who.padEnd(10)} `

/** The part of the line that says what happened. */
export function whatText({ what, names, lists = [] }: Traced): string {
  const words = [{ word: what, names }, ...lists].map(({ word, names: of }) =>
    `${word} ${namesText(of)}`.trim(),
  )
  return words.join(', ')
}

/** All of it in a line. */
export function traceLine(traced: Traced): string {
  const { bytes, lostTo = [] } = traced
  const size = bytes === undefined ? '' : `  (${bytes} B)`
  const fate = lostTo.length === 0 ? '' : `  LOST to ${lostTo.join(', ')}`
  return lineStart(traced) + whatText(traced) + size + fate
}

/** Makes a {@link Tracer}. Messages get numbers in the order in which they are first seen. */
export function createTracer({ time, network, say }: TracerOptions): Tracer {
  const startMs = time.now()
  const numbers = new Map<string, number>()
  /** By the hash with which a message can be fetched, in hexadecimal. */
  const hashes = new Map<string, number>()
  const lostTo: string[] = []
  network.traffic$.subscribe(({ type, from, to }) => {
    // Everybody hears themselves too, which matters to nobody.
    if ((type === 'lost' || type === 'dropped') && to !== from) lostTo.push(to!)
  })
  const tell = (who: string, what: string, more: Partial<Traced> = {}): void =>
    say({ atS: (time.now() - startMs) / 1000, who, what, names: [], ...more })
  const numberOf = (id: string): number => {
    const number = numbers.get(id) ?? numbers.size + 1
    numbers.set(id, number)
    return number
  }
  const namesOf = (entries: readonly HistoryEntry[]): number[] =>
    entries.map(({ messageId, retrievalHint }) => {
      const number = numberOf(messageId)
      if (retrievalHint !== undefined) hashes.set(Buffer.from(retrievalHint).toString('hex'), number)
      return number
    })

  /** Describes a frame, as far as it can be read without a key. */
  const describe = (name: string, { payload }: Envelope): Pick<Traced, 'what' | 'names' | 'lists'> => {
    const { message } = decodeMessage(payload)
    if (message === undefined) return { what: 'sealed', names: [] }
    const { messageId, senderId, causalHistory, repairRequest, bloomFilter } = message
    const kind = kindOf(message)
    const seen = numbers.has(messageId)
    const what = kind === 'sync' || senderId === name ? (seen ? 'again' : (kind ?? 'unknown')) : 'repair'
    const names = kind === 'sync' ? [] : [numberOf(messageId)]
    const lists = [
      { word: kind === 'sync' ? 'acknowledges' : 'after', names: namesOf(causalHistory) },
      { word: 'asks for', names: namesOf(repairRequest) },
    ].filter((list) => list.names.length > 0)
    return {
      what,
      names,
      lists: bloomFilter === undefined ? [...lists, { word: 'no filter', names: [] }] : lists,
    }
  }

  return {
    transport(name, transport) {
      const traced = rewired(transport, {
        send: (envelope) => {
          lostTo.length = 0
          // The network decides the fate of each copy before `send` returns its promise.
          const sent = transport.send(envelope)
          const { what, ...more } = describe(name, envelope)
          tell(name, what, { ...more, bytes: envelope.payload.length, lostTo: [...lostTo] })
          return sent
        },
      })
      if (traced.fetch === undefined) return traced
      const fetch: Transport['fetch'] = (wanted, options) => {
        tell(name, 'fetches', { names: wanted.flatMap((hash) => hashes.get(hash) ?? []) })
        return transport.fetch!(wanted, options)
      }
      return { ...traced, fetch }
    },
    channel(channel) {
      const { senderId } = channel
      channel.events$.subscribe((event) => {
        if (event.type === 'reliable:message:received')
          tell(senderId, `= has ${event.payload.length} B of ${event.senderId}`)
        if (event.type === 'reliable:message:delivered')
          tell(senderId, `= delivered to ${event.deliveredTo.join(', ') || 'nobody'}`)
        if (event.type === 'reliable:message:delivery-error')
          tell(senderId, `= DELIVERY FAILED: ${event.error}`)
        if (event.type === 'diagnostic' && (event.code === 'missing' || event.code === 'lost'))
          tell(senderId, `= ${event.code}`, { names: namesOf(event.detail.entries) })
        if (event.type === 'diagnostic' && event.code === 'limit')
          tell(senderId, `= limit ${JSON.stringify(event.detail).slice(0, 200)}`)
      })
    },
  }
}
