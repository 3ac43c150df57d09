/** The part of `node:crypto` that is used here, so that the package needs no types of Node. */
interface NodeCrypto {
  scrypt?(
    password: string,
    salt: Uint8Array,
    length: number,
    options: { N: number; r: number; p: number; maxmem: number },
    done: (error: Error | null, key: Uint8Array) => void,
  ): void
}
interface MaybeNode {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

/** Cost of scrypt (RFC 7914), the length of the key and the most memory, bytes. */
export interface ScryptOptions {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly dkLen: number
  readonly maxmem: number
}

/** Scrypt by `node:crypto`, on a thread of its own and in half the time; `undefined` where there is none. */
export function findNodeScrypt(
  scope: MaybeNode = globalThis as MaybeNode,
): ((passphrase: string, salt: Uint8Array, options: ScryptOptions) => Promise<Uint8Array>) | undefined {
  // Asked for at run time, so that bundlers for browsers find no import of a module that is not there.
  const crypto = scope.process?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined
  if (crypto?.scrypt === undefined) return undefined
  return (passphrase, salt, { dkLen, ...options }) =>
    new Promise((resolve, reject) => {
      crypto.scrypt!(passphrase, salt, dkLen, options, (error, key) => {
        if (error === null) resolve(new Uint8Array(key))
        else reject(error)
      })
    })
}
