/** The payload is empty. */
export class EmptyPayloadError extends Error {
  override readonly name = 'EmptyPayloadError'
  readonly code = 'ERR_EMPTY_PAYLOAD'
  constructor() {
    super('empty payload')
  }
}
