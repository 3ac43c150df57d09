/**
 * A ready codec for chats: text, and files with their names.
 *
 * @packageDocumentation
 */
import { MalformedBytes, WIRE, WireReader, WireWriter } from '@reliable-channels/wire'
import type { Codec } from './codec.ts'

/** What members of a chat send each other, and what `rc chat` speaks. */
export type Parcel =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Uint8Array }

/** Fields on the wire, all optional: a later version may have others, which are passed over. */
const FIELD = { text: 1, fileName: 2, fileBytes: 3 } as const

/**
 * Writes and reads a {@link Parcel}: a Protocol Buffers message of `string text = 1`, or of `string file_name = 2` and
 * `bytes file_bytes = 3`.
 *
 * @example
 * ```ts
 * import { parcelCodec } from '@reliable-channels/messages/parcel'
 *
 * const chat = typed(channel, parcelCodec)
 * chat.send({ kind: 'text', text: 'hello' })
 * ```
 */
export const parcelCodec: Codec<Parcel> = {
  encode(parcel) {
    const writer = new WireWriter()
    if (parcel.kind === 'text') return writer.text(FIELD.text, parcel.text).finish()
    return writer.text(FIELD.fileName, parcel.name).bytes(FIELD.fileBytes, parcel.bytes).finish()
  },
  decode(bytes) {
    const reader = new WireReader(bytes)
    let text: string | undefined
    let name: string | undefined
    let content = new Uint8Array()
    while (!reader.done) {
      const tag = reader.tag()
      if (tag === FIELD.text * 8 + WIRE.bytes) text = reader.text()
      else if (tag === FIELD.fileName * 8 + WIRE.bytes) name = reader.text()
      else if (tag === FIELD.fileBytes * 8 + WIRE.bytes) content = reader.bytes()
      else reader.skip(tag)
    }
    if (text !== undefined) return { kind: 'text', text }
    if (name === undefined) throw new MalformedBytes('neither text nor a file')
    return { kind: 'file', name, bytes: content }
  },
}
