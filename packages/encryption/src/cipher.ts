import type { Binding } from './core/associated-data.ts'
import type { SealedKind } from './core/header.ts'

/** The context that a frame belongs to. A cipher of this package binds all of it: opened in another context, a frame is rejected. */
export interface CipherContext extends Binding {
  /**
   * When sealing, what the frame is. When opening, what it must be; by default either, and `readHeader` tells which.
   * @default 'content', when sealing
   */
  readonly kind?: SealedKind | undefined
  /** Told by a cipher that {@link Cipher.signs} who has sealed the frame that it opens, once that is proved. */
  readonly onSigner?: ((senderId: string) => void) | undefined
  /** Aborts what is under way. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Seals and opens frames; synchronously or not.
 *
 * A cipher that throws, rejects or returns anything but bytes fails the frame: nothing goes out in plaintext,
 * nothing undecrypted goes up.
 */
export interface Cipher {
  /** Names it in reports. */
  readonly id: string
  /** How much longer than the plaintext a sealed frame may be, so that sizes can be checked beforehand. */
  readonly overheadBytes: number
  /**
   * It proves who has sealed a frame, and tells `context.onSigner`: a channel then refuses what names another sender.
   * @default false
   */
  readonly signs?: boolean | undefined
  seal(plain: Uint8Array, context: CipherContext): Uint8Array | Promise<Uint8Array>
  open(sealed: Uint8Array, context: CipherContext): Uint8Array | Promise<Uint8Array>
}
