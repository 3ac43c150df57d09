import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { type NetworkStats, seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'

/** What a campaign does in each of its rounds. */
export interface CampaignOptions {
  /** Members of the channel, from 2. */
  readonly peers: number
  /** Messages that each member sends. */
  readonly messages: number
  /** Parity segments for each data segment. */
  readonly parityRate: number
  /** Largest payload, bytes; sizes vary. */
  readonly maxBytes: number
  readonly loss: number
  readonly duplicate: number
  readonly reorder: number
  readonly latencyMs: number
  /** Whether the network splits in two for a while. */
  readonly partition: boolean
}

/** The result of one round. */
export interface RoundResult {
  readonly seed: number
  /** Promises that were broken; empty when all was well. */
  readonly violations: readonly string[]
  /** Virtual time until everybody had everything and every request was delivered, s. */
  readonly seconds: number
  readonly network: NetworkStats
  /** Messages handed to the network, by what they were for. */
  readonly traffic: Readonly<Record<string, number>>
}

/** The content of each payload. */
interface Note {
  readonly id: string
  /** Ids of the messages that its author had seen or sent before. */
  readonly after: readonly string[]
}

const SEND_WITHIN_MS = 20_000
const GIVE_UP_MS = 3_600_000

/**
 * One round in virtual time: every member sends at random moments, and everybody must get every message once, after all
 * that its author had seen.
 */
export async function runRound(seed: number, options: CampaignOptions): Promise<RoundResult> {
  const scheduler = virtualTime()
  const startMs = scheduler.now()
  const network = simulatedNetwork({ ...options, seed, scheduler })
  const random = seededRandom(seed, 'campaign')
  const violations: string[] = []
  const traffic: Record<string, number> = {}
  const names = Array.from({ length: options.peers }, (_, index) => `peer-${index}`)
  const seen = new Map<string, Set<string>>(names.map((name) => [name, new Set()]))
  const open = names.length * options.messages
  let delivered = 0

  const join = async (senderId: string): Promise<ReliableChannel> => {
    const bytes = seededRandom(seed, senderId)
    const channel = await openChannel({
      channelId: 'campaign',
      contentTopic: '/campaign/1/notes/json',
      senderId,
      transport: network.peer(senderId),
      scheduler,
      randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(bytes() * 256)),
      segmentSizeBytes: 1024,
      parityRate: options.parityRate,
    })
    const mine = seen.get(senderId)!
    channel.outgoing$.subscribe(({ kind }) => (traffic[kind] = (traffic[kind] ?? 0) + 1))
    channel.incoming$.subscribe(({ payload }) => {
      const { id, after } = decodeNote(payload)
      if (mine.has(id)) violations.push(`${senderId} got ${id} twice`)
      for (const earlier of after) {
        if (!mine.has(earlier)) violations.push(`${senderId} got ${id} before ${earlier}`)
      }
      mine.add(id)
    })
    channel.events$.subscribe((event) => {
      if (event.type === 'reliable:message:delivered') delivered++
      if (event.type === 'reliable:message:delivery-error') violations.push(`${senderId}: ${event.error}`)
      if (event.type === 'diagnostic' && event.code === 'lost')
        violations.push(`${senderId} gave up messages as lost`)
    })
    return channel
  }
  const channels = await Promise.all(names.map(join))

  for (const channel of channels) {
    for (let count = 0; count < options.messages; count++) {
      const size = Math.floor(random() * options.maxBytes)
      scheduler.schedule(() => {
        const mine = seen.get(channel.senderId)!
        const id = `${channel.senderId}/${count}`
        channel.send(encodeNote({ id, after: [...mine].slice(-20) }, size))
        mine.add(id)
      }, random() * SEND_WITHIN_MS)
    }
  }
  if (options.partition) {
    const half = Math.ceil(names.length / 2)
    scheduler.schedule(() => network.partition([names.slice(0, half), names.slice(half)]), SEND_WITHIN_MS / 4)
    scheduler.schedule(() => network.heal(), SEND_WITHIN_MS / 2)
  }

  const everywhere = (): boolean => [...seen.values()].every(({ size }) => size === open)
  const done = await scheduler.run({ until: () => everywhere() && delivered === open, maxMs: GIVE_UP_MS })
  if (!done)
    violations.push(`not finished: ${describe(seen, open)}, ${delivered} of ${open} requests delivered`)
  const seconds = (scheduler.now() - startMs) / 1000
  const stats = { ...network.stats }
  await Promise.all(channels.map((channel) => channel.close()))
  network.close()
  return { seed, violations, seconds, network: stats, traffic }
}

function describe(seen: ReadonlyMap<string, ReadonlySet<string>>, open: number): string {
  return [...seen].map(([name, ids]) => `${name} has ${ids.size} of ${open}`).join(', ')
}

function encodeNote(note: Note, size: number): Uint8Array {
  const json = JSON.stringify(note)
  return new TextEncoder().encode(json.padEnd(size, ' '))
}

function decodeNote(payload: Uint8Array): Note {
  return JSON.parse(new TextDecoder().decode(payload)) as Note
}
