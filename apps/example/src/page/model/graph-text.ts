import type { PeerName } from '../world/settings.ts'
import type { GraphNode, Holding } from './graph.ts'

/** How a peer holds a message. */
export function holdingOf({ holders }: GraphNode, peer: PeerName): Holding {
  return holders.get(peer) ?? 'hole'
}

/** Holes and repairs of a peer among these messages, as a sentence. */
export function graphText(nodes: readonly GraphNode[], peer: PeerName): string {
  const holdings = nodes.map((node) => holdingOf(node, peer))
  const count = (wanted: Holding): number => holdings.filter((holding) => holding === wanted).length
  const holes = count('hole')
  const repaired = count('repaired')
  return `${nodes.length - holes} of ${nodes.length} messages, ${repaired} repaired, ${holes} missing`
}
