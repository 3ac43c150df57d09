import type { TransportMessage } from '@reliable-channels/transport'
import { encodeText, equalBytes } from '@reliable-channels/wire'

/**
 * Tells whether a message of the network is for this channel's layer and topic, before any decoding:
 * first the marker in `meta`, where the profile has one, then the content topic.
 *
 * @returns `'accepted'`, or why the message is none of the channel's business.
 */
export function createIngressFilter(
  contentTopic: string,
  marker: string | undefined,
): (message: TransportMessage) => 'accepted' | 'foreign-marker' | 'foreign-topic' {
  const expected = marker === undefined ? undefined : encodeText(marker)
  return (message) => {
    const { meta } = message
    if (expected !== undefined && (meta === undefined || !equalBytes(meta, expected))) return 'foreign-marker'
    return message.contentTopic === contentTopic ? 'accepted' : 'foreign-topic'
  }
}
