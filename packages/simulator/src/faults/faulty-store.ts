import { onlyNames } from '@reliable-channels/options'
import type { Change, CorruptEntry, Entry, Store } from '@reliable-channels/store'
import type { SchedulerLike } from 'rxjs'
import { check } from '../conditions.ts'
import { HungCalls } from './hung-calls.ts'

/** How a store behaves for a while. */
export interface StoreMood {
  readonly kind: 'well' | 'slow' | 'hangs' | 'rejects'
  /** The operations that it concerns. @default 'both' */
  readonly what?: 'reads' | 'writes' | 'both'
  /** How long each takes where it is slow, ms; one after the other. @default 1_000 */
  readonly slowMs?: number
  /** Whether operations that hang are done at last, when the mood changes; otherwise they never end. @default false */
  readonly late?: boolean
}

/** The mood of a store, which outlasts the programs that use it. */
export interface StoreFaults {
  readonly mood: StoreMood
  /** Changes the mood, for operations that are asked for from now on. */
  change(mood: StoreMood): void
}

/** Options of {@link faultyStore}. */
export interface FaultyStoreOptions {
  /** Its mood, which can be changed while it is used. */
  readonly faults: StoreFaults
  /** Source of time, and of the timer of a slow store. */
  readonly scheduler: SchedulerLike
}

const KINDS = ['well', 'slow', 'hangs', 'rejects']
const WHATS = ['reads', 'writes', 'both']

class Faults implements StoreFaults {
  readonly hung = new HungCalls()
  #mood: StoreMood = { kind: 'well' }

  get mood(): StoreMood {
    return this.#mood
  }

  change(mood: StoreMood): void {
    check.object('mood', mood)
    onlyNames(check, mood, ['kind', 'what', 'slowMs', 'late'])
    check.oneOf('kind', mood.kind, KINDS)
    check.oneOf('what', mood.what ?? 'both', WHATS)
    check.number('slowMs', mood.slowMs ?? 0, 0, Number.MAX_SAFE_INTEGER)
    const { late = false } = this.#mood
    this.#mood = mood
    this.hung.end(late)
  }
}

/**
 * Makes the mood of a store, which is well at first; for {@link faultyStore}.
 *
 * @example
 * const faults = storeFaults()
 * faults.change({ kind: 'rejects', what: 'writes' })
 */
export function storeFaults(): StoreFaults {
  return new Faults()
}

/**
 * A store that hangs, rejects or is slow as its mood says, in front of another one. Operations that it does not let fail end
 * in the order in which they were asked for.
 *
 * @throws {@link SimulatorOptionError}
 * @example
 * const faults = storeFaults()
 * const store = faultyStore(memoryStore(), { faults, scheduler: virtualTime() })
 */
export function faultyStore(store: Store, options: FaultyStoreOptions): Store {
  check.object('store', store, 'a store')
  check.object('options', options)
  onlyNames(check, options, ['faults', 'scheduler'])
  const { faults, scheduler } = options
  check.that(faults instanceof Faults, 'faults', 'what storeFaults() returns', faults)
  const { hung } = faults as Faults
  /** Until when earlier operations take. */
  let busyUntilMs = 0

  /** Resolves when it is its turn to be done. */
  const turn = (what: 'reads' | 'writes'): Promise<void> => {
    const { kind, what: concerned = 'both', slowMs = 1_000 } = faults.mood
    const mood = concerned === 'both' || concerned === what ? kind : 'well'
    if (mood === 'rejects') return Promise.reject(new Error('the disk is full'))
    if (mood === 'hangs') return hung.hang()
    const now = scheduler.now()
    busyUntilMs = Math.max(now, busyUntilMs) + (mood === 'slow' ? slowMs : 0)
    if (busyUntilMs <= now) return Promise.resolve()
    return new Promise((resolve) => void scheduler.schedule(() => resolve(), busyUntilMs - now))
  }

  return {
    ...(store.checksEntries !== undefined && { checksEntries: store.checksEntries }),
    async get(key: string, onCorrupt?: (entry: CorruptEntry) => void) {
      await turn('reads')
      return store.get(key, onCorrupt)
    },
    async write(changes: readonly Change[]) {
      await turn('writes')
      await store.write(changes)
    },
    async *entries(prefix: string, onCorrupt?: (entry: CorruptEntry) => void): AsyncGenerator<Entry> {
      await turn('reads')
      yield* store.entries(prefix, onCorrupt)
    },
    close: () => store.close(),
  }
}
