import { MalformedBytes, WIRE, WireReader, WireWriter, isLonger } from '@reliable-channels/wire'

/** The payload of a typed message: what every application needs beside its value. */
export interface Letter {
  /** When it was sent, ms since 1970, by its author's clock. */
  readonly sentAt: number
  /** The bytes of the value; none in a letter that only tells what was read. */
  readonly value?: Uint8Array | undefined
  /** Ids of messages that its author has read, and with each all earlier ones of the same author. */
  readonly read: readonly string[]
}

/** The last moment that a `Date` has. */
const LATEST = 8.64e15
/** Ids of messages that were read, in one letter: one for each author. @limit Further ones go with the next. */
export const MOST_READ = 64
/** @limit A longer id is passed over. */
const MOST_ID_LENGTH = 256

const SENT_AT = 1
const VALUE = 2
const READ = 3
const SENT_AT_TAG = SENT_AT * 8 + WIRE.varint
const VALUE_TAG = VALUE * 8 + WIRE.bytes
const READ_TAG = READ * 8 + WIRE.bytes

/** Writes it as a Protocol Buffers message: `uint64 sent_at = 1; bytes value = 2; repeated string read = 3`. */
export function encodeLetter({ sentAt, value, read }: Letter): Uint8Array {
  const writer = new WireWriter().varint(SENT_AT, sentAt)
  for (const id of read) writer.text(READ, id)
  return (value === undefined ? writer : writer.bytes(VALUE, value)).finish()
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
  const read: string[] = []
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === SENT_AT_TAG) sentAt = Number(reader.uint64())
    else if (tag === VALUE_TAG) value = reader.view()
    else if (tag === READ_TAG) {
      const id = reader.text()
      if (read.length < MOST_READ && !isLonger(id, MOST_ID_LENGTH)) read.push(id)
    } else reader.skip(tag)
  }
  if (sentAt === undefined || sentAt > LATEST)
    throw new MalformedBytes('no time that a date has: it was not sent by a typed channel')
  if (value === undefined && read.length === 0) throw new MalformedBytes('no value')
  return { sentAt, value, read }
}
