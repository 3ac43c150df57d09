import type { Envelope } from '@reliable-channels/transport'

/**
 * An envelope that knows who made it and for which SDS message: a weak map of all of them would have the garbage collector
 * look at each again and again.
 */
class SentEnvelope implements Envelope {
  readonly contentTopic: string
  readonly payload: Uint8Array<ArrayBuffer>
  readonly ephemeral: boolean
  declare readonly meta?: Uint8Array<ArrayBuffer>
  readonly #maker: SentEnvelopes
  readonly #messageId: string

  constructor(
    contentTopic: string,
    { payload, ephemeral, messageId }: Contents,
    meta: Uint8Array<ArrayBuffer> | undefined,
    maker: SentEnvelopes,
  ) {
    this.contentTopic = contentTopic
    this.payload = payload
    this.ephemeral = ephemeral
    if (meta !== undefined) this.meta = meta
    this.#maker = maker
    this.#messageId = messageId
  }

  static messageIdOf(envelope: Envelope, maker: SentEnvelopes): string | undefined {
    return #maker in envelope && envelope.#maker === maker ? envelope.#messageId : undefined
  }
}

interface Contents extends Pick<Envelope, 'payload' | 'ephemeral'> {
  readonly messageId: string
}

/**
 * The envelopes that a channel hands to the network: when one comes back, nothing is to be learned from it. A transport that
 * hands on a copy has another.
 */
export class SentEnvelopes {
  readonly #contentTopic: string
  readonly #meta: Uint8Array<ArrayBuffer> | undefined

  /** @param meta The marker of the profile, if it has one. */
  constructor(contentTopic: string, meta: Uint8Array<ArrayBuffer> | undefined) {
    this.#contentTopic = contentTopic
    this.#meta = meta
  }

  make(contents: Contents): Envelope {
    return new SentEnvelope(this.#contentTopic, contents, this.#meta, this)
  }

  /** The id of the SDS message that it carries; `undefined` of any other envelope. */
  messageIdOf(envelope: Envelope): string | undefined {
    return SentEnvelope.messageIdOf(envelope, this)
  }
}
