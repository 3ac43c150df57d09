import type { TransportMessage } from '@reliable-channels/transport'

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
  const expected = marker === undefined ? undefined : new TextEncoder().encode(marker)
  return (message) => {
    if (expected !== undefined && !equalBytes(message.meta, expected)) return 'foreign-marker'
    return message.contentTopic === contentTopic ? 'accepted' : 'foreign-topic'
  }
}

function equalBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i])
}
