import { encodeText, decodeText } from '@reliable-channels/wire'
import { RecordWriter, readRecord } from '../core/record.ts'
import type { ChannelOptions } from '../options.ts'
import { type Profile, lip } from '../profiles.ts'

/** The store has the state of another member, or of another wire profile; opened, it would send the other's messages. */
export class StoreOwnerError extends Error {
  override readonly name = 'StoreOwnerError'
  readonly code = 'ERR_STORE_OWNER'
}

/** Whose state a store has. */
export interface StoreOwner {
  readonly senderId: string
  /** The wire format of its messages. */
  readonly wire: string
}

const VERSION = 1

/** Whom the options make the owner. */
export function ownerOf({
  senderId,
  profile = lip,
}: Pick<ChannelOptions, 'senderId' | 'profile'>): StoreOwner {
  return { senderId, wire: wireOf(profile) }
}

const wireOf = ({ sds, segments, marker = '' }: Profile): string => `${sds} ${segments} ${marker}`

/** Encodes as: version, length of the sender id (2 bytes), sender id, wire. */
export function encodeOwner({ senderId, wire }: StoreOwner): Uint8Array {
  const sender = encodeText(senderId)
  return new RecordWriter().byte(VERSION).uint16(sender.length).raw(sender).raw(encodeText(wire)).finish()
}

/** The owner, or `undefined` when the bytes name none. */
export function decodeOwner(record: Uint8Array): StoreOwner | undefined {
  return readRecord(record, (reader) => {
    if (reader.byte() !== VERSION) return undefined
    const senderId = decodeText(reader.view(reader.uint16()))
    return { senderId, wire: decodeText(reader.rest()) }
  })
}

/** @throws StoreOwnerError unless both are the same */
export function checkOwner(channelId: string, stored: StoreOwner, { senderId, wire }: StoreOwner): void {
  if (stored.senderId !== senderId) {
    throw new StoreOwnerError(
      `the store has channel "${channelId}" of "${stored.senderId}", not of "${senderId}": give each member a store of its own`,
    )
  }
  if (stored.wire !== wire) {
    throw new StoreOwnerError(
      `the store has channel "${channelId}" with the profile ${stored.wire.trim()}, not ${wire.trim()}: use another store`,
    )
  }
}
