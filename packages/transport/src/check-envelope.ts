import { type Checks, createChecks } from '@reliable-channels/options'
import { InvalidEnvelopeError, MessageTooLargeError } from './errors.ts'
import type { Envelope } from './transport.ts'

/** Longest {@link Envelope.meta}, bytes (14/WAKU2-MESSAGE). @limit The envelope is refused. */
export const MAX_META_BYTES = 64

/**
 * Checks an envelope as every transport must before it accepts a request.
 *
 * @throws {@link InvalidEnvelopeError} when the content topic is no text, or the payload no bytes, or one of them empty, or `meta`
 *   longer than 64 bytes.
 * @throws {@link MessageTooLargeError} when the payload is larger than `maxMessageBytes`.
 * @example
 * ```ts
 * async function send(envelope: Envelope): Promise<string> {
 *   checkEnvelope(envelope, maxMessageBytes)
 *   return handOver(envelope)
 * }
 * ```
 */
export function checkEnvelope(envelope: Envelope, maxMessageBytes: number): void {
  check.object('envelope', envelope)
  const { contentTopic, payload, meta } = envelope
  check.text('contentTopic', contentTopic)
  check.bytes('payload', payload)
  if (payload.length === 0) throw new InvalidEnvelopeError('"payload" expected at least 1 byte, got 0')
  if (payload.length > maxMessageBytes) throw new MessageTooLargeError(payload.length, maxMessageBytes)
  if (meta === undefined) return
  check.bytes('meta', meta)
  check.that(meta.length <= MAX_META_BYTES, 'meta', `at most ${MAX_META_BYTES} bytes`, meta.length)
}

const check: Checks = createChecks((message) => new InvalidEnvelopeError(message))
