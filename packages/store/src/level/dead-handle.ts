/**
 * Whether an operation failed because the handle of its database is dead: browsers close the connection of a page that
 * went to the background, or lose it with the process of the database, and do not tell.
 */
export function isDeadHandle(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === 'InvalidStateError' || cause.name === 'UnknownError') return true
  }
  return false
}
