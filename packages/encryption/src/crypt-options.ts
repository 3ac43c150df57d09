import type { Frame } from '@reliable-channels/stage'
import type { SchedulerLike } from 'rxjs'
import type { CipherContext } from './cipher.ts'
import type { DecryptionError, EncryptionError } from './errors.ts'

/** Options of `encrypt` and `decrypt`. */
export interface CryptOptions<F extends Frame, E extends EncryptionError | DecryptionError> {
  /** What the frames belong to; one for all, or told for each. */
  readonly context: CipherContext | ((frame: F) => CipherContext)
  /** Frames that an asynchronous cipher may have in hand at once; they leave in order all the same. @default 1 */
  readonly concurrency?: number | undefined
  /** Most frames that wait for the cipher; one more is rejected (`queue-full`). @default 1024 */
  readonly maxWaiting?: number | undefined
  /** Most bytes of their payloads, likewise. @default 134_217_728 */
  readonly maxWaitingBytes?: number | undefined
  /** A cipher that has not answered by then (ms) has failed; `Infinity` waits for ever. @default 30_000 */
  readonly timeoutMs?: number | undefined
  /** Told of each frame that is left out, and why. */
  readonly onReject?: ((frame: F, error: E) => void) | undefined
  /** Source of time for `timeoutMs`. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined
}
