import type { ReliableChannel } from '@reliable-channels/channel'
import { type TypedChannel, typed } from '@reliable-channels/messages'
import type { Transport } from '@reliable-channels/transport'
import { ChatLog } from './chat-log.ts'
import type { Identity } from './identity.ts'
import { openOn } from './open-on.ts'
import { type Parcel, parcelCodec } from '@reliable-channels/messages/parcel'

/** A member of a channel; closing it closes the channel. */
export interface Member extends AsyncDisposable {
  readonly identity: Identity
  readonly channel: ReliableChannel
  readonly chat: TypedChannel<Parcel>
  readonly log: ChatLog
}

/** Opens the channel for a member. */
export async function openMember(identity: Identity, transport: Transport): Promise<Member> {
  const { data, place, historyMs } = identity
  const log = await ChatLog.open(data?.store, place.channelId)
  const channel = await openOn(transport, identity, {
    historyMs,
    ...(data && { store: data.store }),
    // What was said is kept before it counts as handled.
    consume: 'acknowledged',
    // Each member says what it has, so that there is a tick for each.
    receipts: 'all',
  })
  return {
    identity,
    channel,
    log,
    chat: typed(channel, parcelCodec),
    [Symbol.asyncDispose]: () => channel.close(),
  }
}
