import type { ConnectionProblem } from '@reliable-channels/transport'

import { type ServedShards, servesTopic, shardOf } from './shard.ts'

/** The services that a transport needs of its service nodes, and how they are called. */
const needed = { lightPush: 'light push v3', filter: 'filter v2' } as const

/** A peer that is connected, as far as it is known. */
export interface ConnectedPeer {
  readonly peer: string
  /** Whether it has told what it speaks. */
  readonly isIdentified: boolean
  readonly services: ReadonlySet<string>
  readonly served: ServedShards | undefined
}

/** The last dial that failed. */
export interface DialFailure {
  /** The address, or the peer id where it was dialled by that. */
  readonly target: string
  readonly error: Error
}

/** The peers that were met, usable or not. */
export interface Sightings {
  readonly connected: readonly ConnectedPeer[]
  /** Clusters, where they are known, of peers that are of another one, by peer id, the latest last. They hang up. */
  readonly foreign: ReadonlyMap<string, number | undefined>
  readonly dialFailure: DialFailure | undefined
}

/** The facts that tell why messages do not flow. */
export interface ConnectionFacts extends Sightings {
  readonly isStarted: boolean
  readonly clusterId: number | undefined
  /** Pubsub topics of what is subscribed, or to be sent. */
  readonly pubsubTopics: readonly string[]
  /** Why the last service node that was asked to deliver does not. */
  readonly filterFailure: unknown
}

/** Why messages do not flow, and what to do; `undefined` while nothing speaks against it. */
export function problemOf(facts: ConnectionFacts): ConnectionProblem | undefined {
  if (!facts.isStarted) {
    return { reason: 'not-started', message: 'the light node does not run; call start() on it' }
  }
  const usable = facts.connected.filter(({ services }) =>
    Object.keys(needed).some((service) => services.has(service)),
  )
  if (usable.length === 0) return otherNetwork(facts) ?? noService(facts) ?? unreachable(facts)
  return unserved(facts, usable) ?? noService({ ...facts, connected: usable }) ?? notDelivering(facts)
}

function otherNetwork({ foreign, clusterId }: ConnectionFacts): ConnectionProblem | undefined {
  const [last] = [...foreign].slice(-1)
  if (last === undefined) return undefined
  const [peer, other] = last
  const what =
    other === undefined ? 'tells no shards, and is probably of another cluster' : `is of cluster ${other}`
  return {
    reason: 'other-network',
    message:
      `service node ${peer} ${what}; this node is of cluster ${clusterId}; ` +
      `set "networkConfig" to that of the network, or give service nodes of the same cluster`,
  }
}

function unserved(
  { pubsubTopics }: ConnectionFacts,
  usable: readonly ConnectedPeer[],
): ConnectionProblem | undefined {
  const topic = pubsubTopics.find((each) => !usable.some(({ served }) => servesTopic(served, each)))
  if (topic === undefined) return undefined
  const shard = shardOf(topic)
  const named = shard === undefined ? topic : `shard ${shard.shardId} of cluster ${shard.clusterId}`
  return {
    reason: 'no-service',
    message:
      `no connected service node serves ${named}; ` +
      'check the number of shards in "networkConfig", or "shardId", or give service nodes that serve it',
  }
}

function noService({ connected }: ConnectionFacts): ConnectionProblem | undefined {
  // A peer that has not yet told its protocols may speak all of them.
  if (connected.length === 0 || connected.some(({ isIdentified }) => !isIdentified)) return undefined
  for (const [service, name] of Object.entries(needed)) {
    if (connected.some(({ services }) => services.has(service))) continue
    const { peer } = connected[0]!
    return {
      reason: 'no-service',
      message: `no connected peer (${peer}) offers ${name}; give addresses of service nodes that do`,
    }
  }
  return undefined
}

function unreachable({ connected, dialFailure }: ConnectionFacts): ConnectionProblem | undefined {
  if (connected.length > 0 || dialFailure === undefined) return undefined
  const { target, error } = dialFailure
  return {
    reason: 'unreachable',
    message: `nobody can be reached at ${target}: ${error.message}; check the address, and that the service node runs`,
    cause: error,
  }
}

function notDelivering({ filterFailure }: ConnectionFacts): ConnectionProblem | undefined {
  if (filterFailure === undefined) return undefined
  const text = filterFailure instanceof Error ? filterFailure.message : String(filterFailure)
  return {
    reason: 'not-delivering',
    message: `no connected service node delivers: ${text}; it is asked again and again, and others are, where there are any`,
    cause: filterFailure,
  }
}
