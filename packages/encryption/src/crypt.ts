import { isBytes } from '@reliable-channels/options'
import type { Frame } from '@reliable-channels/stage'
import type { OperatorFunction } from 'rxjs'
import type { Cipher } from './cipher.ts'
import type { CryptOptions } from './crypt-options.ts'
import type { CipherErrorOptions, DecryptionError, EncryptionError } from './errors.ts'
import type { openFrame, sealFrame } from './frame.ts'
import { check, checkCipher } from './guard.ts'
import { inOrder } from './in-order.ts'

/** The fields that the operators set on a frame: its payload, sealed or opened. */
export interface Crypted {
  readonly payload: Uint8Array<ArrayBuffer>
}

/** All names of options: one that is misspelt would be ignored. */
const NAMES = Object.keys({
  context: 1,
  concurrency: 1,
  ordered: 1,
  maxWaiting: 1,
  maxWaitingBytes: 1,
  timeoutMs: 1,
  onReject: 1,
  scheduler: 1,
} satisfies Record<keyof CryptOptions<Frame, EncryptionError>, 1>)

/** The common part of `encrypt` and `decrypt`: frames through one of a cipher's functions, in order. */
export function crypt<F extends Frame, E extends EncryptionError | DecryptionError>(
  cipher: Cipher,
  run: typeof sealFrame | typeof openFrame,
  ErrorClass: new (detail: string, options: CipherErrorOptions) => E,
  options: CryptOptions<F, E>,
): OperatorFunction<F, F & Crypted> {
  checkCipher(cipher)
  check.object('options', options, 'an object with "context"')
  check.names(options, NAMES)
  const { context, concurrency = 1, maxWaiting = 1024, maxWaitingBytes = 2 ** 27, scheduler } = options
  const { timeoutMs = 30_000, ordered = true, onReject } = options
  check.boolean('ordered', ordered)
  check.above('timeoutMs', timeoutMs, 0)
  check.callback('onReject', onReject)
  check.object('context', context, 'an object or a function')
  const contextOf = typeof context === 'function' ? context : () => context
  const withPayload = (frame: F, payload: Crypted['payload']): F & Crypted => ({ ...frame, payload })
  // The context function threw: the frame fails, as if its cipher had.
  const wrap = (cause: unknown): E =>
    new ErrorClass(cause instanceof Error ? cause.message : String(cause), { reason: 'cipher-failed', cause })
  return inOrder<F, F & Crypted>(
    (frame, signal) => {
      check.frame(frame)
      const bounds = { timeoutMs, scheduler, signal }
      const payload = run(cipher, frame.payload, contextOf(frame), bounds)
      return payload instanceof Promise
        ? payload.then((bytes) => withPayload(frame, bytes))
        : withPayload(frame, payload)
    },
    {
      concurrency,
      ordered,
      maxWaiting,
      onReject: (frame, error) => onReject?.(frame, error instanceof ErrorClass ? error : wrap(error)),
      maxWaitingBytes,
      // A value that is no payload fails when its turn comes.
      bytesOf: (frame: F | undefined) => (isBytes(frame?.payload) ? frame.payload.length : 0),
      overflow: (limit) =>
        new ErrorClass(
          limit === 'maxWaiting'
            ? `${maxWaiting} frames wait already`
            : `${maxWaitingBytes} bytes wait already`,
          { reason: 'queue-full' },
        ),
    },
  )
}
