/** Says, to whom asks before the disk is there, that something is kept. */
const MARK = 'reliable-channels-example'

/** Whether something is kept, so that what reads it must be loaded. */
export function isKept(): boolean {
  try {
    return localStorage.getItem(MARK) !== null
  } catch {
    return false
  }
}

/** From now on something is. */
export function markKept(): void {
  try {
    localStorage.setItem(MARK, 'kept')
  } catch {
    // Then the next visit begins anew, without harm.
  }
}
