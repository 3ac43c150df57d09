import { sha256 as portable } from '@noble/hashes/sha2.js'
import { nodeModule } from '@reliable-channels/stage'

interface Hash {
  update(bytes: Uint8Array): Hash
  digest(): Uint8Array
}

interface NodeCrypto {
  createHash(name: string): Hash
}

/**
 * Starts a SHA-256: OpenSSL's, six times as fast, where there is `node:crypto`. A simulation spends more on the hashes of
 * its messages than on anything else.
 */
export function startSha256(scope?: object): Hash {
  return nodeModule<NodeCrypto>('node:crypto', scope)?.createHash?.('sha256') ?? portable.create()
}
