/** A signal that counts who listens to it. */
export interface CountedSignal {
  readonly signal: AbortSignal
  readonly abort: (reason: unknown) => void
  /** Listeners that were added and not removed, and that were not called yet. */
  readonly listeners: () => number
}

export function countedSignal(): CountedSignal {
  const controller = new AbortController()
  const { signal } = controller
  const listening = new Set<unknown>()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    listening.add(args[1])
    add(...args)
  }) as typeof add
  signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
    listening.delete(args[1])
    remove(...args)
  }) as typeof remove
  return { signal, abort: (reason) => controller.abort(reason), listeners: () => listening.size }
}
