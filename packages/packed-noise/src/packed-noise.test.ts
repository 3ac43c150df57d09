import { randomBytes } from 'node:crypto'

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'

import { packedNoise } from './packed-noise.ts'

const ECHO = '/echo/1'

const startNode = (encrypter: ReturnType<typeof noise>): Promise<Libp2p> =>
  createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    streamMuxers: [yamux()],
    connectionEncrypters: [encrypter],
  })

describe('noise in packets', () => {
  it.each([
    ['dials', packedNoise(), noise()],
    ['is dialled', noise(), packedNoise()],
  ])('is understood by the noise of others when it %s, at every size', async (_, mine, theirs) => {
    const nodes = await Promise.all([startNode(mine), startNode(theirs)])
    try {
      const [dialler, listener] = nodes
      await listener.handle(ECHO, ({ stream }) => void stream.sink(stream.source))
      const stream = await dialler.dialProtocol(listener.getMultiaddrs(), ECHO)
      // One packet holds 65,519 bytes.
      const sizes = [1, 64_999, 65_000, 65_519, 65_520, 65_535, 65_536, 131_038, 131_039, 0, 7]
      const written = sizes.map((size) => randomBytes(size))
      const sent = stream.sink(written)
      const back = new Uint8ArrayList()
      for await (const piece of stream.source) back.append(piece)
      await sent
      expect(Buffer.concat(written).equals(back.subarray())).toBe(true)
    } finally {
      await Promise.all(nodes.map(async (node) => node.stop()))
    }
  })
})
