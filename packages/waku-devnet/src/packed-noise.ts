import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

import { noiseCrypto } from './noise-crypto.ts'

type Chunk = Uint8Array | Uint8ArrayList
type Noise = ReturnType<ReturnType<typeof noise>>
type Secured = Awaited<ReturnType<ConnectionEncrypter['secureInbound']>>

/** About what one packet of noise holds; more becomes several. */
const MAX_PACKET_BYTES = 65_000

/**
 * Noise whose packets hold all that was written in one turn of the event loop. Muxers hand out each frame alone, and a
 * request with its reply makes six: most of what they cost is not the bytes, but to seal, frame and write one more.
 */
export function packedNoise(): (components: Parameters<ReturnType<typeof noise>>[0]) => ConnectionEncrypter {
  const make = noise({ crypto: noiseCrypto })
  return (components) => {
    const encrypter: Noise = make(components)
    const inbound = encrypter.secureInbound.bind(encrypter) as ConnectionEncrypter['secureInbound']
    const outbound = encrypter.secureOutbound.bind(encrypter) as ConnectionEncrypter['secureOutbound']
    return Object.assign(encrypter, {
      secureInbound: async (...args: Parameters<typeof inbound>) => packWrites(await inbound(...args)),
      secureOutbound: async (...args: Parameters<typeof outbound>) => packWrites(await outbound(...args)),
    }) as ConnectionEncrypter
  }
}

function packWrites(secured: Secured): Secured {
  const { conn } = secured
  const sink = conn.sink.bind(conn)
  conn.sink = (source: AsyncIterable<Chunk>) => sink(packed(source))
  return secured
}

/** Joins what comes within one turn of the event loop. */
export async function* packed(source: AsyncIterable<Chunk>): AsyncGenerator<Uint8ArrayList> {
  const chunks = source[Symbol.asyncIterator]()
  let next = chunks.next()
  try {
    for (;;) {
      const first = await next
      if (first.done === true) return
      const packet = new Uint8ArrayList(first.value)
      const turn = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))
      for (;;) {
        next = chunks.next()
        // Awaited at the latest when the packet was taken, unless nobody takes it.
        next.catch(() => {})
        const more = packet.byteLength < MAX_PACKET_BYTES ? await Promise.race([next, turn]) : undefined
        if (more === undefined || more.done === true) break
        packet.append(more.value)
      }
      yield packet
    }
  } finally {
    void chunks.return?.()
  }
}
