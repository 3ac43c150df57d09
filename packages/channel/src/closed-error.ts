/** The channel was closed: whatever the caller was waiting for will not happen. */
export class ChannelClosedError extends Error {
  override readonly name = 'ChannelClosedError'
  readonly code = 'ERR_CHANNEL_CLOSED'
}
