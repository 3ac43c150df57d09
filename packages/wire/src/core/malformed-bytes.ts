/** Bytes that are no message, and why. What reads them throws it; catch it where a peer's mistake becomes data. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes'
  readonly code = 'ERR_MALFORMED_BYTES'
}
