import { createHash } from 'node:crypto'
import {
  type ReliableChannel,
  SegmentSizeError,
  type SendHandle,
  openChannel,
} from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import { type SimulatedNetwork, simulatedNetwork } from '@reliable-channels/simulator'
import { firstValueFrom } from 'rxjs'
import { PayloadTooLargeError } from '@reliable-channels/segmentation'
import { type DemoOptions, UsageError } from './options.ts'

/** What a peer ended with. */
export interface PeerResult {
  readonly name: string
  readonly role: 'sender' | 'receiver'
  readonly bytes: number
  readonly sha256: string | undefined
}

/** Messages handed to the network, by what they were for. */
export type TrafficCounts = Readonly<Record<'content' | 'retransmission' | 'repair' | 'sync', number>>

/** What the demo found. */
export interface DemoResult {
  /** Every peer's bytes are equal and the request reached `delivered`. */
  readonly ok: boolean
  /** Why not. */
  readonly reason?: string
  readonly peers: readonly PeerResult[]
  readonly segments: number
  /** Messages handed to the network, and copies of them on their way to a peer. */
  readonly network: {
    readonly sent: number
    readonly delivered: number
    readonly lost: number
    readonly duplicated: number
  }
  readonly traffic: TrafficCounts
  readonly seconds: number
  /** The last state of the request. */
  readonly status: string
}

/** How far one peer is. */
export interface PeerProgress {
  readonly name: string
  readonly done: number
  readonly total: number
}

const RECEIVERS = ['bob', 'carol'] as const
/** The demo does not go on for ever when nothing gets through. */
const GIVE_UP_MS = 600_000

/**
 * Sends `bytes` from alice to bob and carol, and waits until all have them.
 *
 * @throws UsageError when the file does not fit the options
 */
export async function runDemo(
  bytes: Uint8Array,
  options: DemoOptions,
  onProgress: (parts: readonly PeerProgress[]) => void,
): Promise<DemoResult> {
  const started = performance.now()
  const { loss, latencyMs, duplicate, reorder, seed } = options
  const network = simulatedNetwork({ loss, latencyMs, duplicate, reorder, seed })
  const [alice, ...receivers] = await openAll(options, network)
  const channels = [alice!, ...receivers]
  const counts = countTraffic(channels)
  const arrived = new Map<string, Uint8Array>()
  const progress = trackProgress(receivers)
  const timer = setInterval(() => onProgress(progress()), 100)
  try {
    const handle = sendOrExplain(alice!, bytes)
    const everyone = Promise.all(
      receivers.map(async (channel) => {
        const { payload } = await firstValueFrom(channel.incoming$)
        arrived.set(channel.senderId, payload)
      }),
    )
    const reason = await failure(Promise.all([everyone, handle.delivered()]))
    onProgress(progress())
    const sha256 = sha256Of(bytes)
    const peers: PeerResult[] = [
      { name: alice!.senderId, role: 'sender', bytes: bytes.length, sha256 },
      ...receivers.map(({ senderId }): PeerResult => {
        const payload = arrived.get(senderId)
        return {
          name: senderId,
          role: 'receiver',
          bytes: payload?.length ?? 0,
          sha256: payload && sha256Of(payload),
        }
      }),
    ]
    const wrong = peers.find((peer) => peer.sha256 !== sha256)
    const problem = reason ?? (wrong && `${wrong.name} has other bytes than were sent`)
    const { sent, delivered, lost, duplicated } = network.stats
    return {
      ok: problem === undefined,
      ...(problem !== undefined && { reason: problem }),
      peers,
      segments: handle.status.segments.total,
      network: { sent, delivered, lost, duplicated },
      traffic: counts,
      seconds: (performance.now() - started) / 1000,
      status: handle.status.state,
    }
  } finally {
    clearInterval(timer)
    await Promise.all(channels.map((channel) => channel.close()))
    network.close()
  }
}

/** Opens alice, bob and carol with repair times short enough to watch. */
async function openAll(options: DemoOptions, network: SimulatedNetwork): Promise<ReliableChannel[]> {
  const { segmentSizeBytes, rate, encrypt, seed } = options
  const key = encrypt ? createHash('sha256').update(`demo key ${seed}`).digest() : undefined
  const open = (senderId: string): Promise<ReliableChannel> =>
    openChannel({
      channelId: 'demo',
      contentTopic: '/reliable-channels-demo/1/file/proto',
      senderId,
      transport: network.peer(senderId),
      segmentSizeBytes,
      sds: { groupSize: 1 + RECEIVERS.length, repair: { tMinMs: 1_000, tMaxMs: 5_000 } },
      ...(rate && { rateLimit: { enabled: true, messagesPerEpoch: rate.messages, epochMs: rate.periodMs } }),
      ...(key && { cipher: xchacha({ key: new Uint8Array(key) }) }),
    })
  try {
    return await Promise.all(['alice', ...RECEIVERS].map(open))
  } catch (error) {
    if (error instanceof SegmentSizeError)
      throw new UsageError(error.message.replace('"segmentSizeBytes"', '--segment-size'))
    throw error
  }
}

function sendOrExplain(alice: ReliableChannel, bytes: Uint8Array): SendHandle {
  try {
    return alice.send(bytes)
  } catch (error) {
    if (!(error instanceof PayloadTooLargeError)) throw error
    const { maxPayloadBytes, neededSegmentSizeBytes } = error
    const remedy =
      neededSegmentSizeBytes === undefined
        ? 'split it'
        : `use --segment-size ${neededSegmentSizeBytes} or more`
    throw new UsageError(
      `the file has ${bytes.length} bytes, and 256 segments of this size carry at most ${maxPayloadBytes}: ${remedy}`,
    )
  }
}

/** Counts what the channels hand to the network, by kind. */
function countTraffic(channels: readonly ReliableChannel[]): TrafficCounts {
  const counts = { content: 0, retransmission: 0, repair: 0, sync: 0 }
  for (const channel of channels) channel.outgoing$.subscribe(({ kind }) => counts[kind]++)
  return counts
}

/** Follows how many segments each receiver holds. */
function trackProgress(receivers: readonly ReliableChannel[]): () => PeerProgress[] {
  const parts = new Map<string, PeerProgress>()
  for (const { senderId: name, events$ } of receivers) {
    parts.set(name, { name, done: 0, total: 1 })
    events$.subscribe((event) => {
      if (event.type === 'reliable:message:received') parts.set(name, { name, done: 1, total: 1 })
      else if (event.type === 'reliable:message:progress') {
        parts.set(name, { name, done: event.held, total: event.needed })
      }
    })
  }
  return () => [...parts.values()]
}

/** Why it did not end well, if it did not. */
async function failure(finished: Promise<unknown>): Promise<string | undefined> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not finished after ${GIVE_UP_MS / 1000} s`)), GIVE_UP_MS)
  try {
    await Promise.race([finished, late])
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
