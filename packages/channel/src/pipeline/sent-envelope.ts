import type { Envelope } from '@reliable-channels/transport'

/** A message that leaves. */
interface Leaving extends Pick<Envelope, 'payload' | 'ephemeral'> {
  readonly messageId: string
}

/**
 * An envelope that a channel hands to the network, which knows whose it is and for which SDS message: when it comes back,
 * nothing is to be learned from it. In a weak map of all of them, the garbage collector would look at each again and again.
 */
export class SentEnvelope implements Envelope {
  readonly contentTopic: string
  readonly payload: Uint8Array<ArrayBuffer>
  readonly ephemeral: boolean
  declare readonly meta?: Uint8Array<ArrayBuffer>
  readonly #owner: object
  readonly #messageId: string

  /** @param owner Something that the channel alone has. */
  constructor(
    owner: object,
    { payload, ephemeral, messageId }: Leaving,
    contentTopic: string,
    meta?: Uint8Array<ArrayBuffer>,
  ) {
    this.contentTopic = contentTopic
    this.payload = payload
    this.ephemeral = ephemeral
    if (meta !== undefined) this.meta = meta
    this.#owner = owner
    this.#messageId = messageId
  }

  /** The SDS message that an envelope of this owner carries; `undefined` of any other, and of a copy. */
  static messageIdOf(envelope: Envelope, owner: object): string | undefined {
    return #owner in envelope && envelope.#owner === owner ? envelope.#messageId : undefined
  }
}
