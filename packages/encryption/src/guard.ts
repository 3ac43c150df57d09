import { type Checks, createChecks, isBytes } from '@reliable-channels/options'
import { unshared } from '@reliable-channels/wire'
import { type SchedulerLike, asyncScheduler } from 'rxjs'
import type { Cipher, CipherContext } from './cipher.ts'
import { CipherError, type CipherErrorOptions, type CipherFailure } from './errors.ts'

/** Options of `sealFrame` and `openFrame`. */
export interface FrameOptions {
  /**
   * Time for the answer of the cipher, ms; `Infinity` waits for ever.
   * @limit The cipher has failed: an error with the reason `timeout`.
   * @default 30_000
   */
  readonly timeoutMs?: number | undefined
  /** Source of time for `timeoutMs`. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined
  /** Aborts what is under way, beside the context's own signal. */
  readonly signal?: AbortSignal | undefined
}

/** Bad options of an operator or a frame: a mistake of the caller. */
export class CipherOptionError extends RangeError {
  override readonly name = 'CipherOptionError'
  readonly code = 'ERR_CIPHER_OPTION'
}

/** Checks of arguments, which throw a {@link CipherOptionError}. */
export const check: Checks = createChecks((message) => new CipherOptionError(message))

/** Throws unless `cipher` looks like one. */
export function checkCipher(cipher: Cipher): void {
  const { seal, open } = (cipher ?? {}) as Partial<Cipher>
  const isCipher = typeof seal === 'function' && typeof open === 'function'
  check.secret(isCipher, 'cipher', 'a cipher such as xchacha({ key }), with "seal" and "open"', cipher)
}

/** One call of a cipher that must not be trusted to answer, or to answer with bytes. */
export interface GuardedCall {
  readonly call: (context: CipherContext) => unknown
  readonly context: CipherContext
  /** The fault of the answer, if it has one. */
  readonly flaw: (answer: Uint8Array) => CipherError | undefined
  readonly ErrorClass: new (detail: string, options: CipherErrorOptions) => Error
}

/** The kind of what a cipher returned, which may hold plaintext or a key. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Longest delay that platform timers take: 24.8 days. A longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * Makes the call; throws, or rejects, an error of the given class unless the answer is bytes.
 *
 * The cipher's signal is made only if it asks for one.
 */
export function guard(
  { call, context, flaw, ErrorClass }: GuardedCall,
  { timeoutMs = 30_000, scheduler = asyncScheduler, signal }: FrameOptions,
): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
  const signals = [context.signal, signal].filter((one) => one !== undefined)
  let controller: AbortController | undefined

  const failure = (error: unknown): Error => {
    const detail =
      error instanceof Error ? error.message : typeof error === 'string' ? error : describe(error)
    const reason: CipherFailure = error instanceof CipherError ? error.reason : 'cipher-failed'
    return new ErrorClass(detail, { reason, cause: error })
  }
  const check = (answer: unknown): Uint8Array<ArrayBuffer> => {
    if (!isBytes(answer)) {
      const detail = `expected a Uint8Array from the cipher, got ${describe(answer)}`
      throw new ErrorClass(detail, { reason: 'not-bytes' })
    }
    const error = flaw(answer)
    if (error !== undefined) throw failure(error)
    return unshared(answer)
  }
  const aborted = (): Error => failure(new CipherError('aborted', { reason: 'aborted' }))

  if (signals.some((one) => one.aborted)) throw aborted()
  let answer: unknown
  let isPending: boolean
  try {
    answer = call({
      ...context,
      get signal() {
        controller ??= new AbortController()
        return controller.signal
      },
    })
    isPending = isThenable(answer)
  } catch (error) {
    throw failure(error)
  }
  if (!isPending) return check(answer)

  // `Promise.resolve` takes any thenable, and catches one whose `then` throws.
  const pending = Promise.resolve(answer)
  return new Promise((resolve, reject) => {
    const stop = (error: Error): void => {
      finish()
      reject(error)
      controller?.abort(error)
    }
    const onAbort = (): void => stop(aborted())
    for (const one of signals) one.addEventListener('abort', onAbort)
    const timer =
      timeoutMs === Infinity
        ? undefined
        : scheduler.schedule(
            () => {
              stop(failure(new CipherError(`no answer within ${timeoutMs} ms`, { reason: 'timeout' })))
            },
            Math.min(timeoutMs, MAX_DELAY_MS),
          )
    const finish = (): void => {
      timer?.unsubscribe()
      for (const one of signals) one.removeEventListener('abort', onAbort)
    }
    pending.then(
      (value) => {
        finish()
        try {
          resolve(check(value))
        } catch (error) {
          reject(error)
        }
      },
      (error: unknown) => {
        finish()
        reject(failure(error))
      },
    )
  })
}
