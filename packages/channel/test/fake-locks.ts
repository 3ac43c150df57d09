import type { Locks } from '@reliable-channels/store'

/** Web Locks of one origin. */
export function fakeLocks(): Locks & { steal(name: string): void } {
  const held = new Map<string, Promise<unknown>>()
  const stolen = new Map<string, (error: Error) => void>()
  return {
    async request(name, { ifAvailable = false, signal }, hold) {
      await Promise.resolve()
      while (held.has(name)) {
        if (ifAvailable) return hold(null)
        await held.get(name)?.catch(() => {})
      }
      signal?.throwIfAborted()
      const taken = new Promise<never>((_, reject) => stolen.set(name, reject))
      const work = Promise.race([Promise.resolve(hold({})), taken]).finally(() => held.delete(name))
      held.set(name, work)
      return work
    },
    steal: (name) => stolen.get(name)?.(new DOMException('stolen', 'AbortError')),
  }
}
