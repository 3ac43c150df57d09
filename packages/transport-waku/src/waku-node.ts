import type { LightNode } from '@waku/sdk'

/** The parts of a light node that the transport stands on; a change in `@waku/sdk` shows here first. */
export type WakuNode = Pick<LightNode, 'libp2p' | 'filter' | 'createDecoder' | 'isStarted'>

/** The libp2p node inside. */
export type Libp2p = WakuNode['libp2p']
/** A connection to a service node. */
export type Connection = ReturnType<Libp2p['getConnections']>[number]
/** A stream on it. */
export type Stream = Awaited<ReturnType<Connection['newStream']>>
/** All that libp2p knows about a peer. */
export type ServicePeer = Awaited<ReturnType<Libp2p['peerStore']['get']>>
/** Names a service node. */
export type PeerId = Connection['remotePeer']
