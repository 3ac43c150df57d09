import { onlyNames } from '@reliable-channels/options'
import type { Change, CorruptEntry, Entry, Store } from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import { Observable, type SchedulerLike } from 'rxjs'
import { check } from '../conditions.ts'
import { Gate } from './gate.ts'
import { type SimulatedClock, type SimulatedClockOptions, simulatedClock } from './simulated-clock.ts'

/**
 * A process that can stand still, as a laptop that sleeps or a tab in the background does, and end without a word, as one
 * that is killed does. What runs in it is given its clock, and its transport and store behind it.
 */
export interface SimulatedProcess {
  readonly clock: SimulatedClock
  readonly hasEnded: boolean
  /** Subscriptions to streams of its transports that have not ended. */
  readonly listeners: number
  /** The same transport, which the process hears nothing of while it stands still. */
  transport(transport: Transport): Transport
  /** The same store. What was not written when the process ends never is. */
  store(store: Store): Store
  /** It stands still: timers stop, and what comes waits. */
  freeze(): void
  /** It goes on. */
  thaw(options?: ThawOptions): void
  /** It has ended: nothing of it runs any more, and it hears nothing more. */
  end(): void
}

/** Options of {@link SimulatedProcess.thaw}. */
export interface ThawOptions {
  /** Whether overdue timers fire before what came meanwhile is heard. @default false */
  readonly timersFirst?: boolean
  /** Whether the time that it stood still counts for timers, as it does in a tab that was frozen. @default true */
  readonly counted?: boolean
}

/**
 * Makes a process.
 *
 * @param scheduler The true time.
 * @param options How its clock goes.
 * @throws {@link SimulatorOptionError}
 * @example
 * const laptop = simulatedProcess(time)
 * const transport = laptop.transport(network.peer('alice'))
 * const channel = await openChannel({ ...options, transport, scheduler: laptop.clock })
 * laptop.freeze()
 */
export function simulatedProcess(
  scheduler: SchedulerLike,
  options: SimulatedClockOptions = {},
): SimulatedProcess {
  return new Process(scheduler, simulatedClock(scheduler, options))
}

const never = <T>(): Promise<T> => new Promise(() => {})

class Process implements SimulatedProcess {
  readonly clock: SimulatedClock
  readonly #scheduler: SchedulerLike
  readonly #gate = new Gate()
  #listeners = 0
  #isFrozen = false

  constructor(scheduler: SchedulerLike, clock: SimulatedClock) {
    this.#scheduler = scheduler
    this.clock = clock
  }

  get hasEnded(): boolean {
    return this.#gate.hasEnded
  }

  get listeners(): number {
    return this.#listeners
  }

  freeze(): void {
    this.#isFrozen = true
    this.clock.freeze()
    this.#gate.shut()
  }

  thaw(options: ThawOptions = {}): void {
    check.object('options', options)
    onlyNames(check, options, ['timersFirst', 'counted'])
    const { timersFirst = false, counted = true } = options
    this.#isFrozen = false
    if (!timersFirst) this.#gate.open()
    this.clock.thaw(counted)
    // Overdue timers fire in turns of their own, which have been asked for before this one.
    if (timersFirst)
      this.#scheduler.schedule(() => {
        if (!this.#isFrozen) this.#gate.open()
      })
  }

  end(): void {
    this.#gate.end()
    this.clock.end()
  }

  store(store: Store): Store {
    const gate = this.#gate
    return {
      ...(store.checksEntries !== undefined && { checksEntries: store.checksEntries }),
      async get(key: string, onCorrupt?: (entry: CorruptEntry) => void) {
        try {
          return await store.get(key, onCorrupt)
        } finally {
          await gate.opened()
        }
      },
      async write(changes: readonly Change[]) {
        if (gate.hasEnded) return never()
        try {
          await store.write(changes)
        } finally {
          await gate.opened()
        }
      },
      async *entries(prefix: string, onCorrupt?: (entry: CorruptEntry) => void): AsyncGenerator<Entry> {
        try {
          for await (const entry of store.entries(prefix, onCorrupt)) {
            await gate.opened()
            yield entry
          }
        } finally {
          await gate.opened()
        }
      },
      close: () => store.close(),
    }
  }

  transport(transport: Transport): Transport {
    const gate = this.#gate
    /** Does it while the process runs, which hears of its end, and of its failure, only as long as it runs. */
    const running = async <T>(work: () => Promise<T>): Promise<T> => {
      if (!gate.isOpen) await gate.opened()
      try {
        return await work()
      } finally {
        await gate.opened()
      }
    }
    async function* gated<T>(make: () => AsyncIterable<T>): AsyncGenerator<T> {
      try {
        for await (const each of make()) {
          await gate.opened()
          yield each
        }
      } finally {
        await gate.opened()
      }
    }
    const { fetch, history } = transport
    return {
      async send(envelope) {
        if (!gate.isOpen) await gate.opened()
        return transport.send(envelope)
      },
      events$: this.#behind(transport.events$),
      ...(transport.hashes$ && { hashes$: this.#behind(transport.hashes$) }),
      messages$: this.#behind(transport.messages$),
      connection$: this.#behind(transport.connection$),
      ...(transport.connectionProblem$ && {
        connectionProblem$: this.#behind(transport.connectionProblem$),
      }),
      ...(transport.outcomeWithinMs !== undefined && { outcomeWithinMs: transport.outcomeWithinMs }),
      maxMessageBytes: transport.maxMessageBytes,
      subscribe: (contentTopic) => running(() => transport.subscribe(contentTopic)),
      unsubscribe: (contentTopic) => running(() => transport.unsubscribe(contentTopic)),
      ...(fetch && { fetch: (hashes, fetching) => gated(() => fetch.call(transport, hashes, fetching)) }),
      ...(history && { history: (query) => gated(() => history.call(transport, query)) }),
    }
  }

  #behind<T>(source: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      this.#listeners++
      const subscription = source.subscribe({
        next: (value) => this.#gate.pass(() => subscriber.next(value)),
        // A process that is taken out hears no end.
        error: (error: unknown) => this.#gate.pass(() => subscriber.error(error)),
      })
      return () => {
        this.#listeners--
        subscription.unsubscribe()
      }
    })
  }
}
