import type { ReliableChannel } from '@reliable-channels/channel'
import { type HistoryEntry, decodeMessage, kindOf } from '@reliable-channels/sds/core'
import type { SimulatedNetwork, VirtualTime } from '@reliable-channels/simulator'
import type { Envelope, Transport } from '@reliable-channels/transport'
import { rewired } from './rewired.ts'
import type { Say } from './world.ts'

/** Looks at everything that passes, and says it in a line each. */
export interface Tracer {
  /** The same transport, which tells what it sends. */
  transport(name: string, transport: Transport): Transport
  /** Tells what a channel tells. */
  channel(channel: ReliableChannel): void
}

/** What a trace is made of. */
export interface TracerOptions {
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
  readonly say: Say
}

/** Names listed in one line; of the rest the number. */
const MOST_NAMES = 12

/** Makes a {@link Tracer}. Messages get numbers in the order in which they are first seen: `#1`, `#2` … */
export function createTracer({ time, network, say }: TracerOptions): Tracer {
  const startMs = time.now()
  const numbers = new Map<string, number>()
  const lostTo: string[] = []
  network.traffic$.subscribe(({ type, from, to }) => {
    // Everybody hears themselves too, which matters to nobody.
    if ((type === 'lost' || type === 'dropped') && to !== from) lostTo.push(to!)
  })
  const line = (who: string, what: string): void =>
    say(`${((time.now() - startMs) / 1000).toFixed(3).padStart(9)}  ${who.padEnd(10)} ${what}`)
  const numberOf = (id: string): string => {
    if (!numbers.has(id)) numbers.set(id, numbers.size + 1)
    return `#${numbers.get(id)}`
  }
  const list = (word: string, entries: readonly HistoryEntry[]): string[] => {
    if (entries.length === 0) return []
    const names = entries.slice(0, MOST_NAMES).map(({ messageId }) => numberOf(messageId))
    const rest = entries.length > MOST_NAMES ? ` and ${entries.length - MOST_NAMES} more` : ''
    return [`${word} ${names.join(' ')}${rest}`]
  }

  /** What a frame is, as far as it can be read without a key. */
  const describe = (name: string, { payload }: Envelope): string => {
    const { message } = decodeMessage(payload)
    if (message === undefined) return 'sealed'
    const { messageId, senderId, causalHistory, repairRequest, bloomFilter } = message
    const kind = kindOf(message)
    const seen = numbers.has(messageId)
    const what =
      kind === 'sync'
        ? 'sync'
        : `${senderId !== name ? 'repair' : seen ? 'again' : (kind ?? 'unknown')} ${numberOf(messageId)}`
    const lists = [
      ...list(kind === 'sync' ? 'acknowledges' : 'after', causalHistory),
      ...list('asks for', repairRequest),
    ]
    return [what, ...lists, ...(bloomFilter === undefined ? ['no filter'] : [])].join(', ')
  }

  return {
    transport: (name, transport) =>
      rewired(transport, {
        send: (envelope) => {
          lostTo.length = 0
          // The network decides the fate of each copy before `send` returns its promise.
          const sent = transport.send(envelope)
          const fate = lostTo.length === 0 ? '' : `  LOST to ${lostTo.join(', ')}`
          line(name, `${describe(name, envelope)}  (${envelope.payload.length} B)${fate}`)
          return sent
        },
      }),
    channel(channel) {
      const { senderId } = channel
      channel.events$.subscribe((event) => {
        if (event.type === 'reliable:message:received')
          line(senderId, `= has ${event.payload.length} B of ${event.senderId}`)
        if (event.type === 'reliable:message:delivered')
          line(senderId, `= delivered to ${event.deliveredTo.join(', ') || 'nobody'}`)
        if (event.type === 'reliable:message:delivery-error')
          line(senderId, `= DELIVERY FAILED: ${event.error}`)
        if (event.type === 'diagnostic' && ['missing', 'lost', 'limit'].includes(event.code))
          line(senderId, `= ${event.code} ${JSON.stringify(event.detail).slice(0, 200)}`)
      })
    },
  }
}
