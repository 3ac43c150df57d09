/** The kind of message in a sealed frame: one with content, or one that only acknowledges. */
export type SealedKind = 'content' | 'sync'

/** The clear header of a sealed frame, which its sender cannot deny and nobody can change. */
export interface SealedHeader {
  /** 1: XChaCha20-Poly1305; 2: AES-256-GCM. */
  readonly version: number
  /** Eight hex digits that tell keys apart; see `keyIdOf`. */
  readonly keyId: string
  readonly kind: SealedKind
}

/** Version ‖ key id ‖ kind. */
export const HEADER_BYTES = 6

/** Versions that the ciphers of this package write. No protobuf message begins with one of these bytes. */
export const XCHACHA_VERSION = 1
/** See {@link XCHACHA_VERSION}. */
export const AES_GCM_VERSION = 2

/** Writes the header to the first bytes of `frame`. */
export function writeHeader(frame: Uint8Array, version: number, keyId: string, kind: SealedKind): void {
  frame[0] = version
  const id = Number.parseInt(keyId, 16)
  frame[1] = id >>> 24
  frame[2] = id >>> 16
  frame[3] = id >>> 8
  frame[4] = id
  frame[5] = kind === 'sync' ? 1 : 0
}

/**
 * The clear header of a frame sealed by a cipher of this package.
 *
 * Nothing of it is authentic until the frame has been opened.
 *
 * @returns `undefined` if the bytes are no such frame: not encrypted, by another cipher, or in another placement.
 */
export function readHeader(sealed: Uint8Array): SealedHeader | undefined {
  if (sealed.length < HEADER_BYTES) return undefined
  const [version = 0, a = 0, b = 0, c = 0, d = 0, kind = 0] = sealed
  if (version !== XCHACHA_VERSION && version !== AES_GCM_VERSION) return undefined
  if (kind > 1) return undefined
  const id = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  return { version, keyId: id.toString(16).padStart(8, '0'), kind: kind === 1 ? 'sync' : 'content' }
}
