import { noise } from '@chainsafe/libp2p-noise'

import { findNoiseCrypto } from './noise-crypto.ts'
import { packed } from './packed.ts'

/** Makes the connection encrypter, as `connectionEncrypters` of libp2p 2 takes it. */
export type Noise = ReturnType<typeof noise>

type Encrypter = ReturnType<Noise>
type Secured = Awaited<ReturnType<Encrypter['secureInbound']>>

/**
 * Noise, as other libp2p nodes speak it, whose packets hold all that was written in one turn of the event loop. Muxers
 * hand out each frame alone, and a request with its reply makes six or more: most of what they cost is not the bytes,
 * but to seal, frame and write one more.
 *
 * In Node the cryptography is OpenSSL's, with a key that is imported once.
 *
 * @example
 * const node = await createLibp2p({ connectionEncrypters: [packedNoise()] })
 */
export function packedNoise(): Noise {
  const crypto = findNoiseCrypto()
  const make = noise(crypto === undefined ? {} : { crypto })
  return (components) => {
    const encrypter = make(components)
    const inbound = encrypter.secureInbound.bind<Encrypter['secureInbound']>(encrypter)
    const outbound = encrypter.secureOutbound.bind<Encrypter['secureOutbound']>(encrypter)
    return Object.assign(encrypter, {
      secureInbound: async (...args: Parameters<typeof inbound>) => packWrites(await inbound(...args)),
      secureOutbound: async (...args: Parameters<typeof outbound>) => packWrites(await outbound(...args)),
    }) as Encrypter
  }
}

function packWrites(secured: Secured): Secured {
  const { conn } = secured
  const sink = conn.sink.bind(conn)
  conn.sink = (source) => sink(packed(source))
  return secured
}
