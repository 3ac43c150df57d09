import { type Envelope, InvalidEnvelopeError, checkEnvelope } from '@reliable-channels/transport'

import { MAX_GOSSIP_BYTES, MAX_PAYLOAD_BYTES, gossipBytes } from '../core/size.ts'
import type { Services } from '../services.ts'

/**
 * The pubsub topic that is to carry an envelope.
 *
 * @throws {@link InvalidEnvelopeError} for an envelope that the network would not carry.
 */
export function carrierOf(envelope: Envelope, services: Pick<Services, 'pubsubTopicOf'>): string {
  checkEnvelope(envelope, MAX_PAYLOAD_BYTES)
  const { contentTopic, payload } = envelope
  const pubsubTopic = services.pubsubTopicOf(contentTopic)
  if (gossipBytes(pubsubTopic, envelope) > MAX_GOSSIP_BYTES) {
    throw new InvalidEnvelopeError(
      `the content topic of ${contentTopic.length} characters leaves no room for ${payload.length} bytes ` +
        `of payload: the network carries ${MAX_GOSSIP_BYTES} bytes in all; use a shorter content topic or smaller segments`,
    )
  }
  return pubsubTopic
}
