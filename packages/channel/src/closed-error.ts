/** The channel was closed; what was still waited for will not come. */
export class ChannelClosedError extends Error {
  override readonly name = 'ChannelClosedError'
  readonly code = 'ERR_CHANNEL_CLOSED'
}
