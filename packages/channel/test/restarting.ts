import {
  type SimulatedNetwork,
  type SimulatedPeer,
  type VirtualTime,
  seededRandom,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import type { Change, Store } from '@reliable-channels/store'
import {
  type ChannelEvent,
  type ChannelMessageReceivedEvent,
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  openChannel,
} from '../src/index.ts'
import { team } from './open-fake.ts'

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** A member that may be killed. */
export interface Member {
  readonly channel: ReliableChannel
  readonly peer: SimulatedPeer
  readonly events: ChannelEvent[]
  readonly received: string[]
  /** The process ends here: nothing more is written, sent or heard. */
  readonly kill: () => void
}

/** Options of a member beside those of its channel. */
export interface MemberOptions extends Partial<NodeOptions & ChannelOptions> {
  /** The application's handler; it may kill the member. */
  handler?: (message: ChannelMessageReceivedEvent, member: Pick<Member, 'kill'>) => void
}

/** Members of one channel on a seeded network, in virtual time. */
export interface Restarting {
  readonly scheduler: VirtualTime
  readonly network: SimulatedNetwork
  pass(ms: number): Promise<boolean>
  open(senderId: string, disk: Store, options?: MemberOptions): Promise<Member>
}

/** A store that a killed process can no longer reach. */
export function mortal(store: Store): { store: Store; kill: () => void } {
  let dead = false
  const never = (): Promise<never> => new Promise(() => {})
  return {
    store: {
      get: (key) => (dead ? never() : store.get(key)),
      write: (changes: readonly Change[]) => (dead ? never() : store.write(changes)),
      entries: (prefix) => store.entries(prefix),
      close: () => Promise.resolve(),
    },
    kill: () => (dead = true),
  }
}

export function setUp(conditions: { loss?: number; seed?: number; retentionMs?: number } = {}): Restarting {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 3, ...conditions, scheduler })
  const random = seededRandom(conditions.seed ?? 3)
  const randomBytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => Math.floor(random() * 256))
  return {
    scheduler,
    network,
    pass: (ms) => scheduler.run({ maxMs: ms }),
    async open(senderId, disk, { handler, ...options } = {}) {
      const peer = network.peer(senderId)
      const { store, kill } = mortal(disk)
      const channel = await openChannel({
        ...team,
        senderId,
        transport: peer,
        scheduler,
        store,
        randomBytes,
        // Who was killed here is still there, for all that the process knows.
        exclusive: false,
        ...options,
      })
      const events: ChannelEvent[] = []
      const received: string[] = []
      let alive = true
      const member: Member = {
        channel,
        peer,
        events,
        received,
        kill() {
          if (!alive) return
          alive = false
          kill()
          peer.close()
          // Its timers would go on in this process.
          void channel.close().catch(() => {})
        },
      }
      channel.events$.subscribe((event) => {
        if (alive) events.push(event)
      })
      channel.incoming$.subscribe((message) => {
        if (!alive) return
        received.push(decode(message.payload))
        handler?.(message, member)
      })
      return member
    },
  }
}

/** The keys and values of a store. */
export async function dump(store: Store, prefix = ''): Promise<Map<string, Uint8Array>> {
  const entries = new Map<string, Uint8Array>()
  for await (const { key, value } of store.entries(prefix)) entries.set(key, value)
  return entries
}
