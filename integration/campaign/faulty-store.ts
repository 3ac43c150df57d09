import { type Change, type Entry, type Store, memoryStore } from '@reliable-channels/store'
import type { SchedulerLike } from 'rxjs'
import type { Gate } from './gate.ts'

/** How a store behaves for a while. */
export interface StoreMood {
  readonly kind: 'well' | 'slow' | 'hangs' | 'rejects'
  /** The operations that it concerns. @default both */
  readonly what?: 'reads' | 'writes' | 'both'
  /** How long each takes, where it is slow, ms. */
  readonly slowMs?: number
  /** Whether operations that hung are done at last. @default false */
  readonly late?: boolean
}

/** A disk: what is on it, and the mood that it is in. */
export class Disk {
  readonly medium: Map<string, Uint8Array>
  mood: StoreMood = { kind: 'well' }
  #hanging: (() => void)[] = []

  constructor(medium: Map<string, Uint8Array> = new Map<string, Uint8Array>()) {
    this.medium = medium
  }

  /** Changes the mood. What hung is done at last, if the mood that ends says so. */
  change(mood: StoreMood): void {
    const { late = false } = this.mood
    const hanging = this.#hanging
    this.#hanging = []
    this.mood = mood
    if (late) for (const work of hanging) work()
  }

  hang(work: () => void): void {
    this.#hanging.push(work)
  }

  /** A copy of all that it has now. */
  copy(): Map<string, Uint8Array> {
    return new Map(this.medium)
  }
}

/** A store on a disk in whatever mood, for one process: what has not reached the disk at its end never does. */
export function storeOn(disk: Disk, scheduler: SchedulerLike, gate: Gate): Store {
  const store = memoryStore(disk.medium)
  /** Until when earlier operations take: they end in the order in which they were asked for. */
  let busyUntilMs = 0

  /** Resolves when it is its turn to be done. */
  const turn = (what: 'reads' | 'writes'): Promise<void> => {
    const { kind, what: concerned = 'both', slowMs = 0 } = disk.mood
    const mood = concerned === 'both' || concerned === what ? kind : 'well'
    if (mood === 'rejects') return Promise.reject(new Error('the disk is full'))
    return new Promise((resolve) => {
      const settle = (): void => {
        if (!gate.hasEnded) resolve()
      }
      if (mood === 'hangs') return disk.hang(settle)
      const now = scheduler.now()
      busyUntilMs = Math.max(now, busyUntilMs) + (mood === 'slow' ? slowMs : 0)
      if (busyUntilMs <= now) return settle()
      scheduler.schedule(settle, busyUntilMs - now)
    })
  }

  return {
    async get(key) {
      await turn('reads')
      const value = await store.get(key)
      await gate.opened()
      return value
    },
    async write(changes: readonly Change[]) {
      await turn('writes')
      if (gate.hasEnded) return
      await store.write(changes)
      await gate.opened()
    },
    async *entries(prefix): AsyncGenerator<Entry> {
      await turn('reads')
      for await (const entry of store.entries(prefix)) yield entry
    },
    close: () => store.close(),
  }
}
