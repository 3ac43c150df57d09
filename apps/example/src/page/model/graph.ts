import { hexOf } from '@reliable-channels/wire'
import type { PeerName } from '../world/settings.ts'
import type { WorldEvent } from '../world/world-event.ts'

/** Messages of the graph that are kept. @limit The oldest is forgotten. */
const MAX_NODES = 200

/** How a peer came by a message, or that it has not. */
export type Holding = 'hole' | 'first' | 'repaired'

/** One SDS message with content, and who has it. */
export interface GraphNode {
  readonly messageId: string
  readonly author: PeerName
  /** Of which payload it carries a segment. */
  readonly payload: string
  /** The messages it says it comes after. */
  readonly after: readonly string[]
  readonly holders: Map<PeerName, Exclude<Holding, 'hole'>>
}

/** A node as JSON has it. */
export type SavedNode = Omit<GraphNode, 'holders'> & {
  readonly holders: readonly (readonly [PeerName, Exclude<Holding, 'hole'>])[]
}

/** What each message comes after, and who has which: the log of SDS at every peer. */
export class Graph {
  readonly nodes = new Map<string, GraphNode>()
  /** What each frame carries, by its hash. */
  readonly #frames = new Map<string, { readonly messageId: string; readonly isFirst: boolean }>()

  /** @param past What was saved before a reload. */
  constructor(past: readonly SavedNode[] = []) {
    for (const { holders, ...node } of past)
      this.nodes.set(node.messageId, { ...node, holders: new Map(holders) })
  }

  /** The latest nodes, to go on from. */
  save(count: number): readonly SavedNode[] {
    return this.latest(count).map(({ holders, ...node }) => ({ ...node, holders: [...holders] }))
  }

  take(event: WorldEvent): void {
    if (event.type === 'frame') {
      const { layers, messageId, peer, kind, hash } = event
      if (layers?.segment === undefined) return
      this.#frames.set(hash, { messageId, isFirst: kind === 'content' })
      if (this.#frames.size > 4 * MAX_NODES) this.#frames.delete(this.#frames.keys().next().value!)
      if (kind !== 'content') return
      const after = layers.sds.causalHistory.map((entry) => entry.messageId)
      const payload = hexOf(layers.segment.hash)
      this.nodes.set(messageId, {
        messageId,
        author: peer,
        payload,
        after,
        holders: new Map([[peer, 'first']]),
      })
      if (this.nodes.size > MAX_NODES) this.nodes.delete(this.nodes.keys().next().value!)
    } else if (event.type === 'arrived') {
      const frame = this.#frames.get(event.hash)
      if (frame !== undefined) this.#hold(event.to, frame.messageId, frame.isFirst ? 'first' : 'repaired')
    } else if (event.type === 'channel' && event.event.type === 'reliable:message:received') {
      const { messageId } = event.event
      // It may have come from the network's memory, and not as a frame; and spares take the place of lost segments.
      this.#hold(event.peer, messageId, 'repaired')
      for (const node of this.nodes.values())
        if (node.payload === messageId) this.#hold(event.peer, node.messageId, 'repaired')
    }
  }

  /** The latest messages, oldest first. */
  latest(count: number): readonly GraphNode[] {
    return [...this.nodes.values()].slice(-count)
  }

  #hold(peer: PeerName, messageId: string, how: Exclude<Holding, 'hole'>): void {
    const node = this.nodes.get(messageId)
    if (node !== undefined && !node.holders.has(peer)) node.holders.set(peer, how)
  }
}
