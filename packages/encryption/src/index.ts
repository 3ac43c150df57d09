/**
 * The cipher hook of Reliable Channels, ready ciphers, key rings, and the operators `encrypt` and `decrypt`.
 *
 * @packageDocumentation
 */
export { type AesGcmOptions, aesGcm } from './aes-gcm.ts'
export type { Cipher, CipherContext } from './cipher.ts'
export type { Binding } from './core/associated-data.ts'
export { type SealedKind, type SealedHeader, readHeader } from './core/header.ts'
export { CipherKeyError, keyIdOf } from './core/key-id.ts'
export type { Crypted } from './crypt.ts'
export type { CryptOptions } from './crypt-options.ts'
export { decrypt } from './decrypt.ts'
export { encrypt } from './encrypt.ts'
export {
  CipherError,
  type CipherErrorOptions,
  type CipherFailure,
  DecryptionError,
  EncryptionError,
} from './errors.ts'
export { openFrame, sealFrame } from './frame.ts'
export { type EncryptionHook, type FromHookOptions, fromHook } from './from-hook.ts'
export { CipherOptionError, type FrameOptions } from './guard.ts'
export { type PassphraseOptions, keyFromPassphrase } from './key-from-passphrase.ts'
export { type KeyRing, type KeyRingOptions, type RingKey, createKeyRing } from './key-ring.ts'
export type { KeySource } from './keyed.ts'
export { none } from './none.ts'
export { type XChaChaOptions, xchacha } from './xchacha.ts'
