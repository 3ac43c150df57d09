import type { Peer, PeerId, PeerStore } from '@libp2p/interface'

/**
 * Has each protocol of a peer noted once a connection. libp2p notes that of every stream, and has the peer read, decoded,
 * encoded and written for it each time.
 */
export function noteProtocolsOnce(peerStore: PeerStore): void {
  const merge = peerStore.merge.bind(peerStore)
  // A connection has one peer id for its life.
  const noted = new WeakMap<PeerId, Map<string, Promise<Peer>>>()
  peerStore.merge = (peer, data, options) => {
    const [protocol, ...others] = data.protocols ?? []
    if (protocol === undefined || others.length > 0 || Object.keys(data).length > 1) {
      return merge(peer, data, options)
    }
    const known = noted.get(peer) ?? new Map<string, Promise<Peer>>()
    noted.set(peer, known)
    let merging = known.get(protocol)
    if (merging === undefined) {
      merging = merge(peer, data, options)
      known.set(protocol, merging)
      // What failed is tried again for the next stream.
      merging.catch(() => known.delete(protocol))
    }
    return merging
  }
}
