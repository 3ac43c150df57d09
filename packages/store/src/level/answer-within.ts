import { StoreTimeoutError } from '../errors.ts'

/**
 * Waits for what the database promises, but not for ever: `withinLimit` of `stage` for a package that stands below it and
 * knows no scheduler. What is answered later is not seen by whoever waited; a late rejection is swallowed.
 *
 * @returns Rejects with {@link StoreTimeoutError} after `limitMs`, or as the promise does.
 */
export async function answerWithin<T>(limitMs: number, ask: () => T | PromiseLike<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreTimeoutError(limitMs)), limitMs)
  })
  try {
    return await Promise.race([ask(), timeUp])
  } finally {
    clearTimeout(timer)
  }
}
