import { createHash } from 'node:crypto'
import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { xchacha } from '@reliable-channels/encryption'
import type { RateLimiter } from '@reliable-channels/rate-limit'
import { type SimulatedNetwork, simulatedNetwork } from '@reliable-channels/simulator'
import { firstValueFrom } from 'rxjs'
import { type DemoOptions, RECEIVERS } from './options.ts'
import { type Outcome, type PeerProgress, type PeerResult, difference, failure, sha256Of } from './outcome.ts'
import { type HeldBack, createPace } from './pace.ts'
import { countTraffic, openOrExplain, sendOrExplain } from './sending.ts'

/** The result of the demo. */
export interface DemoResult extends Outcome {
  /** Messages handed to the network, and copies of them on their way to a peer. */
  readonly network: {
    readonly sent: number
    readonly delivered: number
    readonly lost: number
    readonly duplicated: number
  }
}

/**
 * Sends `bytes` from alice to the receivers, and waits until all have them.
 *
 * @throws UsageError when the file does not fit the options
 */
export async function runDemo(
  bytes: Uint8Array,
  options: DemoOptions,
  onProgress: (parts: readonly PeerProgress[], heldBack: HeldBack | undefined) => void,
): Promise<DemoResult> {
  const started = performance.now()
  const { loss, latencyMs, duplicate, reorder, seed } = options
  const network = simulatedNetwork({ loss, latencyMs, duplicate, reorder, seed })
  using pace = createPace(options.rate)
  const [alice, ...receivers] = await openAll(options, network, pace.limiter)
  const channels = [alice!, ...receivers]
  const counts = countTraffic(channels)
  const arrived = new Map<string, Uint8Array>()
  const progress = trackProgress(receivers)
  const timer = setInterval(() => onProgress(progress(), pace.heldBack()), 100)
  try {
    const handle = sendOrExplain(alice!, bytes)
    const everyone = Promise.all(
      receivers.map(async (channel) => {
        const { payload } = await firstValueFrom(channel.incoming$)
        arrived.set(channel.senderId, payload)
      }),
    )
    const reason = await failure(Promise.all([everyone, handle.delivered()]))
    onProgress(progress(), undefined)
    const peers: PeerResult[] = [
      { name: alice!.senderId, role: 'sender', bytes: bytes.length, sha256: sha256Of(bytes) },
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
    const problem = reason ?? difference(peers)
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

/** The rows of the table that only this network has. */
export function simulatedFacts({ network }: DemoResult): [name: string, value: string][] {
  const { lost, delivered, duplicated } = network
  return [
    ['copies lost', `${lost} of ${lost + delivered}`],
    ['copies duplicated', String(duplicated)],
  ]
}

/** Opens alice and the receivers; SDS is as it comes. */
async function openAll(
  options: DemoOptions,
  network: SimulatedNetwork,
  limiter: RateLimiter,
): Promise<ReliableChannel[]> {
  const { segmentSizeBytes, rate, encrypt, seed, receivers } = options
  const key = encrypt ? createHash('sha256').update(`demo key ${seed}`).digest() : undefined
  const paced = rate && { enabled: true, messagesPerEpoch: rate.messages, epochMs: rate.periodMs }
  const open = (senderId: string): Promise<ReliableChannel> =>
    openChannel({
      channelId: 'demo',
      contentTopic: '/reliable-channels-demo/1/file/proto',
      senderId,
      transport: network.peer(senderId),
      segmentSizeBytes,
      ...(paced && { rateLimit: senderId === 'alice' ? limiter : paced }),
      ...(key && { cipher: xchacha({ key: new Uint8Array(key) }) }),
    })
  return openOrExplain(Promise.all(['alice', ...RECEIVERS.slice(0, receivers)].map(open)))
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
