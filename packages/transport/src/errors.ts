/** The payload of an envelope is larger than the transport carries. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError'
  readonly code = 'ERR_MESSAGE_TOO_LARGE'
  /** Size of the payload, bytes. */
  readonly sizeBytes: number
  /** Largest payload that the transport carries, bytes. */
  readonly maxMessageBytes: number

  constructor(sizeBytes: number, maxMessageBytes: number) {
    super(
      `payload of ${sizeBytes} bytes: the transport carries at most ${maxMessageBytes}; use smaller segments`,
    )
    this.sizeBytes = sizeBytes
    this.maxMessageBytes = maxMessageBytes
  }
}

/** An envelope that no network would carry: a mistake of the caller. */
export class InvalidEnvelopeError extends Error {
  override readonly name = 'InvalidEnvelopeError'
  readonly code = 'ERR_INVALID_ENVELOPE'
}

/** The transport was closed; it takes no more requests. */
export class TransportClosedError extends Error {
  override readonly name = 'TransportClosedError'
  readonly code = 'ERR_TRANSPORT_CLOSED'

  constructor(message = 'the transport is closed; make a new one') {
    super(message)
  }
}

/** The transport cannot reach the network now; wait until `connection$` says `connected`. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError'
  readonly code = 'ERR_NOT_CONNECTED'

  constructor(message = 'not connected; wait until connection$ says connected') {
    super(message)
  }
}
