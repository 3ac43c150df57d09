import { InvalidEnvelopeError, MessageTooLargeError } from './errors.ts'
import type { Envelope } from './transport.ts'

/** Longest {@link Envelope.meta}, bytes (14/WAKU2-MESSAGE). */
export const MAX_META_BYTES = 64

/**
 * Checks an envelope as every transport must before it accepts a request.
 *
 * @throws {@link InvalidEnvelopeError} when the content topic or the payload is empty, or `meta` is longer than 64 bytes.
 * @throws {@link MessageTooLargeError} when the payload is larger than `maxMessageBytes`.
 * @example
 * ```ts
 * async send(envelope) {
 *   checkEnvelope(envelope, this.maxMessageBytes)
 *   …
 * }
 * ```
 */
export function checkEnvelope({ contentTopic, payload, meta }: Envelope, maxMessageBytes: number): void {
  if (typeof contentTopic !== 'string' || contentTopic === '') {
    throw new InvalidEnvelopeError(
      `"contentTopic" expected a non-empty string, got ${JSON.stringify(contentTopic)}`,
    )
  }
  if (!(payload instanceof Uint8Array)) {
    throw new InvalidEnvelopeError(`"payload" expected Uint8Array, got ${typeof payload}`)
  }
  if (payload.length === 0) throw new InvalidEnvelopeError('"payload" expected at least 1 byte, got 0')
  if (payload.length > maxMessageBytes) throw new MessageTooLargeError(payload.length, maxMessageBytes)
  if (meta !== undefined && meta.length > MAX_META_BYTES) {
    throw new InvalidEnvelopeError(`"meta" expected at most ${MAX_META_BYTES} bytes, got ${meta.length}`)
  }
}
