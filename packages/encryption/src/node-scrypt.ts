import { nodeModule } from '@reliable-channels/stage'

/** The part of `node:crypto` that is used here, so that the package needs no types of Node. */
interface NodeCrypto {
  scrypt(
    password: string,
    salt: Uint8Array,
    length: number,
    options: { N: number; r: number; p: number; maxmem: number },
    done: (error: Error | null | undefined, key?: Uint8Array) => void,
  ): void
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
  scope?: object,
): ((passphrase: string, salt: Uint8Array, options: ScryptOptions) => Promise<Uint8Array>) | undefined {
  const scrypt = nodeModule<NodeCrypto>('node:crypto', scope)?.scrypt
  if (scrypt === undefined) return undefined
  return (passphrase, salt, { dkLen, ...options }) =>
    new Promise((resolve, reject) => {
      scrypt(passphrase, salt, dkLen, options, (error, key) => {
        // Without an error Node.js says `null`, and Bun `undefined`.
        if (key === undefined) reject(error)
        else resolve(new Uint8Array(key))
      })
    })
}
