/** More is open than the channel keeps; wait for {@link ReliableChannel.ready}. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
  readonly code = 'ERR_QUEUE_FULL'
}
