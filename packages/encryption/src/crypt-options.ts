import type { Frame } from '@reliable-channels/stage'
import type { SchedulerLike } from 'rxjs'
import type { CipherContext } from './cipher.ts'
import type { DecryptionError, EncryptionError } from './errors.ts'

/** Options of `encrypt` and `decrypt`. */
export interface CryptOptions<F extends Frame, E extends EncryptionError | DecryptionError> {
  /** The context of the frames; one for all, or told for each. */
  readonly context: CipherContext | ((frame: F) => CipherContext)
  /**
   * Frames that an asynchronous cipher may have in hand at once.
   * @limit Further ones wait.
   * @default 1
   */
  readonly concurrency?: number | undefined
  /**
   * Whether frames leave in the order in which they came. Without, each leaves when it is done: none waits for the key of
   * another.
   * @default true
   */
  readonly ordered?: boolean | undefined
  /** Frames that wait for the cipher. @limit One more is rejected (`queue-full`). @default 1024 */
  readonly maxWaiting?: number | undefined
  /** Bytes of their payloads. @limit A frame beyond it is rejected (`queue-full`). @default 134_217_728 */
  readonly maxWaitingBytes?: number | undefined
  /**
   * Time for the answer of the cipher, ms; `Infinity` waits for ever.
   * @limit The cipher has failed, and the frame is rejected (`timeout`).
   * @default 30_000
   */
  readonly timeoutMs?: number | undefined
  /** Told of each frame that is left out, and why. */
  readonly onReject?: ((frame: F, error: E) => void) | undefined
  /** Source of time for `timeoutMs`. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined
}
