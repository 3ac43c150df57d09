/**
 * Why a frame was not sealed or not opened.
 *
 * `unknown-signer`, `revoked-signer`: signed with a key that is of no member, or no longer. `wrong-sender`: signed by another than it
 * names.
 * `malformed`: no frame of this cipher; in plaintext, by another cipher or in another placement.
 * `unknown-key`, `retired-key`: sealed with a key that the ring never had, or has dropped.
 * `not-authentic`: changed on the way, or sealed in another context.
 * `wrong-kind`: says that it is of another kind than was asked for; not opened, so nothing vouches for that.
 * `cipher-failed`: the cipher threw or rejected. `not-bytes`: it returned something else than bytes.
 * `not-sealed`: it returned the plaintext. `not-opened`: it returned the sealed bytes. `timeout`, `aborted`: it did not answer in time, or was told to stop.
 * `queue-full`: too many frames waited for it.
 */
export type CipherFailure =
  | 'malformed'
  | 'unknown-key'
  | 'retired-key'
  | 'not-authentic'
  | 'wrong-kind'
  | 'unknown-signer'
  | 'revoked-signer'
  | 'wrong-sender'
  | 'cipher-failed'
  | 'not-bytes'
  | 'not-sealed'
  | 'not-opened'
  | 'timeout'
  | 'aborted'
  | 'queue-full'

/** Options of the errors of this package. */
export interface CipherErrorOptions extends ErrorOptions {
  /** What failed. */
  readonly reason: CipherFailure
}

/** The error of a cipher that says why; any other error counts as `cipher-failed`. */
export class CipherError extends Error {
  override readonly name = 'CipherError'
  readonly code = 'ERR_CIPHER'
  readonly reason: CipherFailure

  constructor(message: string, { reason, ...options }: CipherErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** A frame was not sealed. The message is `encryption failed: ` and what the cipher said; `cause` is its error. */
export class EncryptionError extends Error {
  override readonly name = 'EncryptionError'
  readonly code = 'ERR_ENCRYPTION'
  readonly reason: CipherFailure

  constructor(detail: string, { reason, ...options }: CipherErrorOptions) {
    super(`encryption failed: ${detail}`, options)
    this.reason = reason
  }
}

/** A frame was not opened. The message is `decryption failed: ` and what the cipher said; `cause` is its error. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError'
  readonly code = 'ERR_DECRYPTION'
  readonly reason: CipherFailure

  constructor(detail: string, { reason, ...options }: CipherErrorOptions) {
    super(`decryption failed: ${detail}`, options)
    this.reason = reason
  }
}
