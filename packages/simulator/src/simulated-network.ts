import type { Observable, SchedulerLike } from 'rxjs'
import type { Conditions } from './conditions.ts'
import { Network } from './network.ts'
import type { PartitionOptions } from './partition.ts'
import type { SimulatedPeer } from './peer.ts'
import type { NetworkStats, TrafficEvent } from './traffic.ts'

/** Options of {@link simulatedNetwork}. */
export interface SimulatedNetworkOptions extends Conditions {
  /** Decides everything that is left to chance. @default 1 */
  readonly seed?: number
  /** Source of time and of the one timer: `asyncScheduler` for real time, {@link virtualTime} or a `VirtualTimeScheduler`. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
  /**
   * Largest payload, bytes. Waku's limit of 153,600 for an encoded message, less room for topic, marker and framing.
   * @limit `send` rejects.
   * @default 150_000
   */
  readonly maxMessageBytes?: number
  /**
   * Bytes that may be on the way, 256 for each message and receiver included.
   * @limit What does not fit is dropped and counted.
   * @default 268_435_456
   */
  readonly maxInFlightBytes?: number
  /** How long `history` and `fetch` know a message, ms. @limit It is forgotten. @default 172_800_000 (two days) */
  readonly retentionMs?: number
  /** How much they know, 256 bytes for each message included. @limit The oldest are forgotten. @default 67_108_864 */
  readonly maxStoredBytes?: number
  /** Messages that one question to `history` or `fetch` brings; for the next ones another round trip is waited for. @default Infinity */
  readonly pageMessages?: number
  /**
   * Messages of one sender in an epoch, by the scheduler's time.
   * @limit A request above it ends in `message-error`, and is counted as refused.
   * @default Infinity
   */
  readonly messagesPerEpoch?: number
  /** Length of an epoch, ms. @limit The next one begins. @default 600_000 */
  readonly epochMs?: number
}

/** A network of {@link SimulatedPeer}s in one process. */
export interface SimulatedNetwork extends Disposable {
  /**
   * The peer of that name, made on the first call.
   * @param conditions How messages reach this peer and what becomes of its requests, where that differs from the network;
   * counts on the first call.
   */
  peer(name: string, conditions?: Conditions): SimulatedPeer
  /** Changes conditions for messages sent from now on. */
  change(conditions: Conditions): void
  /**
   * Conditions of one direction between two peers, where they differ from those of the network and the receiver, for messages
   * sent from now on. They take the place of earlier ones; `{}` ends them.
   */
  link(from: string, to: string, conditions: Conditions): void
  /**
   * Splits the network: peers hear, and remember, only those of their own group. Peers not named form one group more.
   *
   * @param options Whether one direction stays open, and whether the groups come together and apart again.
   */
  partition(groups: readonly (readonly string[])[], options?: PartitionOptions): void
  /** Ends {@link SimulatedNetwork.partition}. What was lost meanwhile stays lost; `history` has it again. */
  heal(): void
  /** Counters as they are now. */
  readonly stats: NetworkStats
  /** All that happens to messages. Hot; costs nothing while nobody listens. */
  readonly traffic$: Observable<TrafficEvent>
  /** Closes all peers and drops what is on the way. */
  close(): void
}

/**
 * Makes a network that loses, delays, repeats and reorders messages as its seed says.
 *
 * The fate of a message depends on the seed, the names of sender and receiver, and the number of messages that the
 * sender has sent before: neither on the order in which peers are made nor on what others send.
 *
 * @throws {@link SimulatorOptionError} when a rate is not within 0 and 1, a time negative, a limit not a positive integer.
 * @example
 * const network = simulatedNetwork({ seed: 42, loss: 0.3, latencyMs: 50 })
 * const alice = network.peer('alice')
 */
export function simulatedNetwork(options: SimulatedNetworkOptions = {}): SimulatedNetwork {
  return new Network(options)
}
