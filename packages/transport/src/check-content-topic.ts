import { type Checks, createChecks } from '@reliable-channels/options'
import { InvalidEnvelopeError } from './errors.ts'

/** `/application/version/name/encoding`, with a generation before it, or none. Of generations there is one, 0. */
const CONTENT_TOPIC = /^(?:\/0)?(?:\/[^/]+){4}$/

/**
 * Checks a content topic by the rule of 23/WAKU2-TOPICS, so that one that works in the simulator works on the network:
 * `/application/version/name/encoding`.
 *
 * @throws {@link InvalidEnvelopeError} for anything else.
 * @example
 * ```ts
 * checkContentTopic('/chat/1/room/proto')
 * ```
 */
export function checkContentTopic(contentTopic: string): void {
  check.text('contentTopic', contentTopic)
  check.that(
    CONTENT_TOPIC.test(contentTopic),
    'contentTopic',
    '/application/version/name/encoding, such as /chat/1/room/proto',
    contentTopic,
  )
}

const check: Checks = createChecks((message) => new InvalidEnvelopeError(message))
