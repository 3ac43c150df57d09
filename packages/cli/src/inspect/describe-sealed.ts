import {
  AES_GCM_VERSION,
  HEADER_BYTES,
  type SealedHeader,
  TAG_BYTES,
  XCHACHA_NONCE_BYTES,
} from '@reliable-channels/encryption/core'
import { hexOf } from '@reliable-channels/wire'
import { type Flaw, type InspectedField, type InspectedLayer, errorAt, noteAt } from './inspection.ts'
import { shownBytes } from './show.ts'

/** What became of a sealed part under the key that was given. */
export type Opening =
  | { readonly plain: Uint8Array }
  /** Why it was not opened, one sentence. */
  | { readonly refusal: string }

const AES_NONCE_BYTES = 12

/** A sealed frame: header, nonce, ciphertext, tag; and what became of it. */
export function describeSealed(
  bytes: Uint8Array,
  header: SealedHeader,
  opening: Opening | undefined,
): InspectedLayer {
  const isAes = header.version === AES_GCM_VERSION
  const nonceBytes = isAes ? AES_NONCE_BYTES : XCHACHA_NONCE_BYTES
  const cipher = isAes ? 'AES-256-GCM' : 'XChaCha20-Poly1305'
  const bodyAt = HEADER_BYTES + nonceBytes
  const tagAt = bytes.length - TAG_BYTES
  const fields: InspectedField[] = [
    {
      offset: 0,
      lengthBytes: 1,
      name: 'version',
      text: `${header.version} (${cipher})`,
      value: header.version,
    },
    { offset: 1, lengthBytes: 4, name: 'key id', text: header.keyId, value: header.keyId },
    { offset: 5, lengthBytes: 1, name: 'kind', text: header.kind, value: header.kind },
  ]
  const flaws: Flaw[] = []
  if (tagAt < bodyAt) {
    const needed = bodyAt + TAG_BYTES
    flaws.push(
      errorAt(`${bytes.length} bytes, a frame of ${cipher} has at least ${needed}: cut off`, HEADER_BYTES),
    )
  } else {
    fields.push(part('nonce', bytes, HEADER_BYTES, bodyAt))
    fields.push(part('ciphertext', bytes, bodyAt, tagAt))
    fields.push(part('tag', bytes, tagAt, bytes.length))
    flaws.push(...outcome(opening))
  }
  return { kind: 'sealed', title: `Sealed frame, ${cipher}`, lengthBytes: bytes.length, fields, flaws }
}

function outcome(opening: Opening | undefined): Flaw[] {
  if (opening === undefined) return [noteAt('sealed: what is in it shows with the key')]
  return 'plain' in opening ? [] : [errorAt(opening.refusal)]
}

function part(name: string, bytes: Uint8Array, from: number, to: number): InspectedField {
  const content = bytes.subarray(from, to)
  return { offset: from, lengthBytes: to - from, name, text: shownBytes(content), value: hexOf(content) }
}
