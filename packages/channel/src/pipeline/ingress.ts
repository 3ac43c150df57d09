import type { TransportMessage } from '@reliable-channels/transport'
import { encodeText } from '@reliable-channels/wire'
import type { DropReason } from '../drops.ts'
import { carries } from '../opening/message-router.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { Inbox } from '../receiving/inbox.ts'
import { SentEnvelope } from './sent-envelope.ts'

/** Reports to the channel about messages of the network. */
export interface IngressHooks {
  /** A message was none of the channel's business, or there is no room for it. */
  turnedAway: (reason: DropReason) => void
  /** A message for the channel came; `isKnown`: an own one, or one that was here before. */
  heard: (isKnown: boolean, message: TransportMessage) => void
}

/**
 * Lets through what is for this channel's layer and topic, before any decoding: first the marker in `meta`, where the
 * profile has one, then the content topic. An own envelope that comes back teaches nothing. What finds the inbox full is
 * turned away as if the network had lost it, so that senders see that it was not delivered.
 */
export function ingress(
  { contentTopic, profile, met, topic }: Pick<ChannelParts, 'contentTopic' | 'profile' | 'met' | 'topic'>,
  inbox: Pick<Inbox, 'isFull'>,
  { turnedAway, heard }: IngressHooks,
): (message: TransportMessage) => boolean {
  const marker = profile.marker === undefined ? undefined : encodeText(profile.marker)
  return (message) => {
    const { contentTopic: ofMessage, echoOf, hash } = message
    const refusal = !carries(message, marker)
      ? 'foreign-marker'
      : ofMessage !== contentTopic
        ? 'foreign-topic'
        : undefined
    if (refusal !== undefined) {
      turnedAway(refusal)
      if (ofMessage === contentTopic) topic.passed(hash)
      return false
    }
    const isEcho = echoOf !== undefined && SentEnvelope.messageIdOf(echoOf, met) !== undefined
    if (!isEcho && inbox.isFull()) {
      turnedAway('inbox-full')
      topic.passed(hash)
      return false
    }
    heard(isEcho || met.has(hash), message)
    if (isEcho) {
      met.add(hash)
      topic.passed(hash)
    }
    return !isEcho
  }
}
