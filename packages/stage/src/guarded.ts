/** Calls back; what it throws is a bug of its owner, to be seen by everybody, but what comes after must still happen. */
export function guarded(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
