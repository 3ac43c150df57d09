/** Calls back; what it throws is a bug of its owner, to be seen by everybody, but what comes after must still happen. */
export function guarded(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    reportUncaught(error)
  }
}

/** An error of somebody who was called back: nobody here can do anything about it. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
