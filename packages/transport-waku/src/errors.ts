/** The options given to {@link wakuTransport} or {@link createWakuTransport} make no transport. */
export class WakuOptionsError extends Error {
  override readonly name = 'WakuOptionsError'
  readonly code = 'ERR_WAKU_OPTIONS'
}

/** As many requests wait as `maxQueued` or `maxQueuedBytes` allow: this one was not accepted. */
export class SendQueueFullError extends Error {
  override readonly name = 'SendQueueFullError'
  readonly code = 'ERR_SEND_QUEUE_FULL'

  constructor(queued: number, queuedBytes: number) {
    super(
      `${queued} requests of ${queuedBytes} bytes wait to be sent, as many as are allowed; ` +
        'send more when some of them have ended, or raise maxQueued or maxQueuedBytes',
    )
  }
}

/** A service node did not do what it was asked. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code = 'ERR_SERVICE'
  /** Peer id of the service node. */
  readonly peer: string
  /** Status code of its answer; absent when there was none. */
  readonly status: number | undefined

  constructor(peer: string, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(`${message} (service node ${peer})`, 'cause' in options ? { cause: options.cause } : {})
    this.peer = peer
    this.status = options.status
  }
}

/** A service node did not answer in time. */
export class ServiceTimeoutError extends Error {
  override readonly name = 'ServiceTimeoutError'
  readonly code = 'ERR_SERVICE_TIMEOUT'

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`)
  }
}

/** No store could be read: none is reachable, or every one of them failed. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
  readonly code = 'ERR_STORE_UNAVAILABLE'
}
