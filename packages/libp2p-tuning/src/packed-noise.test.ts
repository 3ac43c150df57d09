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

  it('lets go of a connection that is cut while much is written, at both ends', async () => {
    const nodes = await Promise.all([startNode(packedNoise()), startNode(packedNoise())])
    try {
      const [dialler, listener] = nodes
      let received = 0
      let enough: () => void = () => {}
      const flowing = new Promise<void>((resolve) => (enough = resolve))
      const ended = new Promise<unknown>((resolve) => {
        void listener.handle(ECHO, ({ stream }) => {
          void (async () => {
            for await (const piece of stream.source) {
              received += piece.byteLength
              if (received > 1_000_000) enough()
            }
          })().then(resolve, resolve)
        })
      })
      const closed = new Promise((resolve) => listener.addEventListener('connection:close', resolve))
      const connection = await dialler.dial(listener.getMultiaddrs())
      const stream = await connection.newStream(ECHO)
      let left = false
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield new Uint8Array(10_000)
        } finally {
          left = true
        }
      }
      const sent = stream.sink(endless())
      await flowing
      connection.abort(new Error('cut'))
      await expect(sent).rejects.toThrow()
      await Promise.all([ended, closed])
      expect(left).toBe(true)
      expect([dialler, listener].map((node) => node.getConnections().length)).toEqual([0, 0])
    } finally {
      await Promise.all(nodes.map(async (node) => node.stop()))
    }
  })
})
