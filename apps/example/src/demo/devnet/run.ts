import { type Devnet, devnet } from '@reliable-channels/waku-devnet'
import { type DemoOptions, RECEIVERS, UsageError } from '../options.ts'
import {
  type Outcome,
  type PeerProgress,
  type PeerResult,
  StartError,
  type TrafficCounts,
  difference,
  failure,
  sha256Of,
} from '../outcome.ts'
import { countTraffic, openOrExplain, sendOrExplain } from '../sending.ts'
import { type MemberOptions, openMember } from './member.ts'
import { type HeldBack, createPace } from '../pace.ts'
import { NodeUpset, type Upset } from './node-upset.ts'
import { Receiver } from './receiver.ts'

/** How messages came to a service node, and how many it delivered. */
export interface NodeTraffic {
  readonly lightPushes: number
  /** From the other nodes. */
  readonly gossiped: number
  readonly filterPushes: number
}

/** The result of the demo over a devnet; `seconds` counts from the call of `send`. */
export interface DevnetResult extends Outcome {
  readonly network: {
    readonly sent: number
    readonly nodes: readonly NodeTraffic[]
    readonly upset?: Upset
  }
}

/** Where the demo tells what happens, and how it is ended. */
export interface DevnetRun {
  readonly onProgress: (parts: readonly PeerProgress[], heldBack: HeldBack | undefined) => void
  /** A line each. */
  readonly onNote: (note: string) => void
  readonly signal: AbortSignal
}

const NODES = 3
const NO_UPSET = { killNode: false, rateLimits: false }
/** Service nodes that each starts from: the one in the middle is common, so that some messages go over gossip and others not. */
const ALICE_AT = [0, 1]
const RECEIVERS_AT = [1, 2]
/** Nodes without rate limits would take hundreds. So many, 100 KB each, are 2 MB a second over two nodes. */
const PUSHES_PER_SECOND = 10

/**
 * Sends `bytes` from alice in this process to receivers in others, over service nodes on loopback.
 *
 * @throws UsageError when the file does not fit the options
 * @throws The reason of `signal` when that aborts; everything is closed by then
 */
export async function runOverDevnet(
  bytes: Uint8Array,
  options: DemoOptions,
  { onProgress, onNote, signal }: DevnetRun,
): Promise<DevnetResult> {
  const { loss, seed, devnet: { killNode, rateLimits } = NO_UPSET } = options
  const lightPushes = Array.from({ length: NODES }, () => 0)
  await using network = await devnet({
    nodes: NODES,
    seed,
    ...(!rateLimits && { rateLimits: false }),
    onMessage: ({ node }) => lightPushes[node]!++,
  })
  signal.throwIfAborted()
  const member = membersOf(network, options)
  const upset = new NodeUpset(network, onNote)
  const names = RECEIVERS.slice(0, options.receivers)
  const parts = new Map(names.map((name): [string, PeerProgress] => [name, { name, done: 0, total: 1 }]))
  using pace = createPace(options.rate)
  const show = (): void => onProgress([...parts.values()], pace.heldBack())
  const progress = (part: PeerProgress): void => {
    parts.set(part.name, part)
    show()
  }
  await using opened = new AsyncDisposableStack()
  const receivers = names.map((name, index) => {
    const at = (held: number, needed: number): void => {
      progress({ name, done: held, total: needed })
      if (killNode && index === 0) upset.progress(held, needed)
    }
    return opened.use(new Receiver(member(name, RECEIVERS_AT), at))
  })
  const processes = receivers.map(({ name, processId }) => `${name} is process ${processId}`)
  onNote([describe(rateLimits, loss), ...processes].join('; '))
  const alice = opened.use(
    await openOrExplain(openMember({ ...member('alice', ALICE_AT), limiter: pace.limiter })),
  )
  signal.throwIfAborted()
  const counts = countTraffic([alice.channel])
  const unheard = await failure(Promise.all(receivers.map((receiver) => receiver.opened)), signal)
  if (unheard !== undefined) throw new StartError(unheard)
  for (const { faults } of network.nodes) faults.set({ dropFilterPush: loss })

  const started = performance.now()
  const handle = sendOrExplain(alice.channel, bytes)
  const segments = handle.status.segments.total
  if (killNode && segments < 2) {
    throw new UsageError(
      `--kill-node needs a file of several segments, and ${bytes.length} bytes are one: use a smaller --segment-size`,
    )
  }
  const timer = setInterval(show, 100)
  opened.defer(() => clearInterval(timer))
  const everyone = receivers.map(async ({ name, received }) => {
    await received
    progress({ name, done: 1, total: 1 })
  })
  const reason = await failure(Promise.all([...everyone, handle.delivered(), killNode && upset.done]), signal)
  clearInterval(timer)
  const seconds = (performance.now() - started) / 1000
  const traffic = [counts, ...(await Promise.all(receivers.map((receiver) => receiver.close())))].reduce(sum)
  const peers: PeerResult[] = [
    { name: 'alice', role: 'sender', bytes: bytes.length, sha256: sha256Of(bytes) },
    ...receivers.map(({ name, file }): PeerResult => {
      return { name, role: 'receiver', bytes: file?.bytes ?? 0, sha256: file?.sha256 }
    }),
  ]
  const problem = reason ?? difference(peers)
  return {
    ok: problem === undefined,
    ...(problem !== undefined && { reason: problem }),
    peers,
    segments,
    network: {
      sent: traffic.content + traffic.retransmission + traffic.repair + traffic.sync,
      nodes: network.nodes.map((node, index): NodeTraffic => {
        const { messages, pushed } = node.stats()
        const taken = lightPushes[index]!
        return { lightPushes: taken, gossiped: messages - taken, filterPushes: pushed }
      }),
      ...(upset.result && { upset: upset.result }),
    },
    traffic,
    seconds,
    status: handle.status.state,
  }
}

/** The rows of the table that only this network has. */
export function devnetFacts({ network }: DevnetResult): [name: string, value: string][] {
  const { nodes, upset } = network
  return nodes.map(({ lightPushes, gossiped, filterPushes }, index) => {
    const at = upset && `at ${Math.floor(upset.atShare * 100)} %`
    const what = [
      `${lightPushes} by light push`,
      `${gossiped} by gossip`,
      `${filterPushes} pushed to filters`,
      ...(index === upset?.killed ? [`killed ${at}`] : []),
      ...(index === upset?.restarted ? [`restarted ${at}`] : []),
    ]
    return [`node ${index}`, what.join(', ')]
  })
}

/** Makes the options of members, which have a fresh key in common. */
function membersOf(
  network: Devnet,
  { segmentSizeBytes, rate, devnet: choice }: DemoOptions,
): (senderId: string, at: readonly number[]) => MemberOptions {
  const key = crypto.getRandomValues(new Uint8Array(32))
  return (senderId, at) => ({
    senderId,
    bootstrapPeers: at.map((index) => network.multiaddrs[index]!),
    networkConfig: network.networkConfig,
    ...(choice?.rateLimits !== true && { pushesPerSecond: PUSHES_PER_SECOND }),
    key,
    segmentSizeBytes,
    rate,
  })
}

function describe(rateLimits: boolean, loss: number): string {
  const limits = rateLimits
    ? "with the real node's rate limits"
    : `without rate limits, ${PUSHES_PER_SECOND} messages a second to each`
  const drops = loss > 0 ? `, each drops ${Math.round(100 * loss)} % of its pushes` : ''
  return `${NODES} service nodes on loopback, ${limits}${drops}`
}

function sum(a: TrafficCounts, b: TrafficCounts): TrafficCounts {
  return {
    content: a.content + b.content,
    retransmission: a.retransmission + b.retransmission,
    repair: a.repair + b.repair,
    sync: a.sync + b.sync,
  }
}
