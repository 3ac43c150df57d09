import { MalformedBytes, WIRE, WireReader, WireWriter } from '@reliable-channels/wire'

/** The payload of a typed message: what every application needs beside its value. */
export interface Letter {
  /** When it was sent, ms since 1970, by its author's clock. */
  readonly sentAt: number
  /** The bytes of the value. */
  readonly value: Uint8Array
}

/** The last moment that a `Date` has. */
const LATEST = 8.64e15
const SENT_AT = 1
const VALUE = 2
const SENT_AT_TAG = SENT_AT * 8 + WIRE.varint
const VALUE_TAG = VALUE * 8 + WIRE.bytes

/** Writes it as a Protocol Buffers message: `uint64 sent_at = 1; bytes value = 2`. */
export function encodeLetter({ sentAt, value }: Letter): Uint8Array {
  return new WireWriter().varint(SENT_AT, sentAt).bytes(VALUE, value).finish()
}

/**
 * Reads it; fields of later versions are passed over.
 *
 * @throws MalformedBytes when it is none
 */
export function decodeLetter(bytes: Uint8Array): Letter {
  const reader = new WireReader(bytes)
  let sentAt: number | undefined
  let value: Uint8Array | undefined
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === SENT_AT_TAG) sentAt = Number(reader.uint64())
    else if (tag === VALUE_TAG) value = reader.view()
    else reader.skip(tag)
  }
  if (sentAt === undefined || sentAt > LATEST)
    throw new MalformedBytes('no time that a date has: it was not sent by a typed channel')
  if (value === undefined) throw new MalformedBytes('no value')
  return { sentAt, value }
}
