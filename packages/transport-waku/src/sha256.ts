import { type Sha256, portableSha256 } from './core/message.ts'

interface NodeHash {
  update(bytes: Uint8Array): NodeHash
  digest(encoding: 'hex'): string
}

interface MaybeNode {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

/** OpenSSL's SHA-256, six times as fast, by way of `node:crypto`; `undefined` where there is none, as in a browser. */
export function findNodeSha256(scope: MaybeNode = globalThis as MaybeNode): Sha256 | undefined {
  // Asked for at run time, so that bundlers for browsers find no import of a module that is not there.
  const crypto = scope.process?.getBuiltinModule?.('node:crypto') as
    | { createHash?(name: string): NodeHash }
    | undefined
  if (crypto?.createHash === undefined) return undefined
  const createHash = crypto.createHash.bind(crypto)
  return (parts) => {
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part)
    return hash.digest('hex')
  }
}

/** The fastest {@link Sha256} that there is. */
export const sha256: Sha256 = findNodeSha256() ?? portableSha256
