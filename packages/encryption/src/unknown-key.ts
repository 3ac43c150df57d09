import { CipherError } from './errors.ts'

/** A frame names a key that is not there. */
export const unknownKey = (keyId: string): CipherError =>
  new CipherError(`no key with the id ${keyId}`, { reason: 'unknown-key' })
