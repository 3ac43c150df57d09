/** The part of libp2p's peer store that matters here. */
interface MergingStore<Id extends object, Peer> {
  merge(peer: Id, data: { protocols?: string[] }, options?: object): Promise<Peer>
}

/**
 * Has a peer store note each protocol of a peer once a connection. libp2p has that noted of every stream, and has all that
 * is known of the peer read, decoded, encoded and written for it each time: most of what a stream costs. It has no option
 * for that, so the method of the store is replaced by one that remembers.
 *
 * @param peerStore That of a node of one's own: whoever else uses it has every other change noted as before.
 * @example
 * const node = await createLibp2p({ connectionEncrypters: [packedNoise()] })
 * noteProtocolsOnce(node.peerStore)
 */
export function noteProtocolsOnce<Id extends object, Peer>(peerStore: MergingStore<Id, Peer>): void {
  const merge = peerStore.merge.bind(peerStore)
  // A connection has one peer id for its life.
  const noted = new WeakMap<Id, Map<string, Promise<Peer>>>()
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
      // After a failure the next stream tries again.
      merging.catch(() => known.delete(protocol))
    }
    return merging
  }
}
