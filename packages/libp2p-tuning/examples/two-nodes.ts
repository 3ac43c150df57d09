import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { letProcessEnd, packedNoise } from '@reliable-channels/libp2p-tuning'
import { createLibp2p } from 'libp2p'

// Deno needs it; elsewhere it does nothing.
letProcessEnd()

const makeNode = () =>
  createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    streamMuxers: [yamux()],
    connectionEncrypters: [packedNoise()],
  })
const [a, b] = await Promise.all([makeNode(), makeNode()])
const connection = await a.dial(b.getMultiaddrs())
console.log(connection.encryption)

await Promise.all([a.stop(), b.stop()])
