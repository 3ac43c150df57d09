type Capturing = { captureStackTrace?: (error: Error, above: unknown) => void }

/**
 * Does some work for `called`, which somebody has called. What it throws has a stack that starts where that was: the
 * mistake is there, and not among the checks that found it. Where the platform cannot do that, the stack stays.
 *
 * @param called The function, method or class that is called, as it is on the stack.
 * @example
 * ```ts
 * export function connect(options: Options): Connection {
 *   atCaller(connect, () => checkOptions(options))
 *   return open(options)
 * }
 * ```
 */
export function atCaller<T>(called: unknown, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Error) (Error as Capturing).captureStackTrace?.(error, called)
    throw error
  }
}
