import { onlyNames } from '@reliable-channels/options'
import type { Envelope, Transport, TransportEvent } from '@reliable-channels/transport'
import { type Observable, type SchedulerLike, filter } from 'rxjs'
import { check } from '../conditions.ts'
import { HungCalls } from './hung-calls.ts'

/** How a way to the network behaves for a while; well where nothing is said. */
export interface TransportMood {
  /** `throws` without a promise; `no-outcome` takes the message and never tells what became of it. */
  readonly send?: 'hangs' | 'rejects' | 'throws' | 'slow' | 'no-outcome'
  /** `fetch` and `history`. */
  readonly memory?: 'hangs' | 'rejects' | 'slow'
  /** `subscribe` and `unsubscribe`. */
  readonly topics?: 'hangs' | 'rejects' | 'slow'
  /** How long each call takes where it is slow, ms. @default 1_000 */
  readonly slowMs?: number
}

/** The mood of a way to the network, which outlasts the programs that use it. */
export interface TransportFaults {
  readonly mood: TransportMood
  /** Changes the mood, for calls from now on. @param late Whether what hung is done at last; otherwise it never is. */
  change(mood: TransportMood, late?: boolean): void
}

/** Options of {@link faultyTransport}. */
export interface FaultyTransportOptions {
  /** Its mood, which can be changed while it is used. */
  readonly faults: TransportFaults
  /** Source of the timer of a slow way. */
  readonly scheduler: SchedulerLike
}

const SENDS = ['hangs', 'rejects', 'throws', 'slow', 'no-outcome']
const OTHERS = ['hangs', 'rejects', 'slow']

class Faults implements TransportFaults {
  readonly hung = new HungCalls()
  #mood: TransportMood = {}

  get mood(): TransportMood {
    return this.#mood
  }

  change(mood: TransportMood, late = false): void {
    check.object('mood', mood)
    onlyNames(check, mood, ['send', 'memory', 'topics', 'slowMs'])
    if (mood.send !== undefined) check.oneOf('send', mood.send, SENDS)
    if (mood.memory !== undefined) check.oneOf('memory', mood.memory, OTHERS)
    if (mood.topics !== undefined) check.oneOf('topics', mood.topics, OTHERS)
    check.number('slowMs', mood.slowMs ?? 0, 0, Number.MAX_SAFE_INTEGER)
    this.#mood = mood
    this.hung.end(late)
  }
}

/**
 * Makes the mood of a way to the network, which is well at first; for {@link faultyTransport}.
 *
 * @example
 * const faults = transportFaults()
 * faults.change({ send: 'hangs' })
 */
export function transportFaults(): TransportFaults {
  return new Faults()
}

/** Requests whose outcome may be kept back at a time. @limit The outcome of the oldest would be told. */
const MAX_MUTED = 10_000

/**
 * A transport whose calls hang, reject or are slow as its mood says, in front of another one.
 *
 * @throws {@link SimulatorOptionError}
 * @example
 * const faults = transportFaults()
 * const transport = faultyTransport(network.peer('alice'), { faults, scheduler: virtualTime() })
 */
export function faultyTransport(transport: Transport, options: FaultyTransportOptions): Transport {
  check.object('transport', transport, 'a transport')
  check.object('options', options)
  onlyNames(check, options, ['faults', 'scheduler'])
  const { faults, scheduler } = options
  check.that(faults instanceof Faults, 'faults', 'what transportFaults() returns', faults)
  const { hung } = faults as Faults
  const muted = new Set<string>()
  const mute = (requestId: string): void => {
    for (const oldest of muted) {
      if (muted.size < MAX_MUTED) break
      muted.delete(oldest)
    }
    muted.add(requestId)
  }

  /** Resolves when it is a call's turn to be done. */
  const turn = (mood: string | undefined, refusal: string): Promise<void> | undefined => {
    if (mood === 'rejects') return Promise.reject(new Error(refusal))
    if (mood === 'hangs') return hung.hang()
    if (mood !== 'slow') return undefined
    const { slowMs = 1_000 } = faults.mood
    return new Promise((resolve) => void scheduler.schedule(() => resolve(), slowMs))
  }

  const sendAs = async (envelope: Envelope): Promise<string> => {
    const { send } = faults.mood
    const waits = turn(send, 'no peer takes it')
    if (waits !== undefined) await waits
    const requestId = await transport.send(envelope)
    if (send === 'no-outcome') mute(requestId)
    return requestId
  }

  const topic = async (work: () => Promise<void>): Promise<void> => {
    await turn(faults.mood.topics, 'the filter is full')
    await work()
  }

  async function* read<T>(make: () => AsyncIterable<T>): AsyncGenerator<T> {
    await turn(faults.mood.memory, 'no store answers')
    yield* make()
  }

  const { fetch, history } = transport
  const heard: Observable<TransportEvent> = transport.events$.pipe(
    filter(({ requestId }) => !muted.has(requestId)),
  )
  return {
    send(envelope) {
      if (faults.mood.send === 'throws') throw new Error('the client is broken')
      return sendAs(envelope)
    },
    events$: heard,
    ...(transport.hashes$ && { hashes$: transport.hashes$ }),
    messages$: transport.messages$,
    connection$: transport.connection$,
    ...(transport.connectionProblem$ && { connectionProblem$: transport.connectionProblem$ }),
    ...(transport.outcomeWithinMs !== undefined && { outcomeWithinMs: transport.outcomeWithinMs }),
    maxMessageBytes: transport.maxMessageBytes,
    subscribe: (contentTopic) => topic(() => transport.subscribe(contentTopic)),
    unsubscribe: (contentTopic) => topic(() => transport.unsubscribe(contentTopic)),
    ...(fetch && {
      fetch: (hashes, fetching) => read(() => fetch.call(transport, hashes, fetching)),
    }),
    ...(history && { history: (query) => read(() => history.call(transport, query)) }),
  }
}
