/** Whether a promise has ended, one way or the other, within a time, ms. */
export async function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const ended = promise.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([ended, timeUp])
  } finally {
    clearTimeout(timer)
  }
}
