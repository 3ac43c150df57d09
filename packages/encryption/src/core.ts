export { type Aead, TAG_BYTES, XCHACHA_NONCE_BYTES, portableAead } from './core/aead.ts'
export { type Binding, associatedData } from './core/associated-data.ts'
export {
  AES_GCM_VERSION,
  type SealedKind,
  HEADER_BYTES,
  type SealedHeader,
  XCHACHA_VERSION,
  readHeader,
  writeHeader,
} from './core/header.ts'
export { CipherKeyError, KEY_BYTES, keyIdOf } from './core/key-id.ts'
