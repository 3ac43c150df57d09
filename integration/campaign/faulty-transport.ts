import type { SimulatedPeer } from '@reliable-channels/simulator'
import type { Transport } from '@reliable-channels/transport'
import { Observable, type SchedulerLike, type Subscription } from 'rxjs'
import type { Gate } from './gate.ts'

/** How a member's way to the network behaves for a while. */
export interface TransportMood {
  readonly send?: 'hangs' | 'rejects' | 'throws' | 'slow' | 'no-outcome'
  readonly memory?: 'hangs' | 'rejects' | 'slow'
  readonly topics?: 'hangs' | 'rejects'
  readonly slowMs?: number
}

/** The moods of a member's way to the network, over all its processes. */
export class Way {
  #mood: TransportMood = {}
  /** Calls that wait for the mood to end. */
  #waiting: (() => void)[] = []

  get mood(): TransportMood {
    return this.#mood
  }

  /** Changes the mood. @param late Whether what hung is done at last, or never. */
  change(mood: TransportMood, late = false): void {
    this.#mood = mood
    const waiting = this.#waiting
    this.#waiting = []
    if (late) for (const work of waiting) work()
  }

  over(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

/** A peer's transport for one process, in whatever mood, behind the gate of that process. */
export interface ProcessTransport extends Transport {
  /** Subscriptions to its streams that have not ended. */
  readonly listeners: number
}

/** Parts of a process transport. */
export interface ProcessTransportOptions {
  readonly peer: SimulatedPeer
  readonly way: Way
  readonly gate: Gate
  readonly scheduler: SchedulerLike
  /** Whether the network's memory can be asked. */
  readonly memory: boolean
}

export function processTransport(options: ProcessTransportOptions): ProcessTransport {
  const { peer, way, gate, scheduler, memory } = options
  let listeners = 0
  const muted = new Set<string>()

  const behind = <T>(source: Observable<T>, wanted: (value: T) => boolean = () => true): Observable<T> =>
    new Observable((subscriber) => {
      listeners++
      const subscription: Subscription = source.subscribe({
        next: (value) => {
          if (wanted(value)) gate.pass(() => subscriber.next(value))
        },
        // A process that is taken out hears no end.
        error: (error: unknown) => gate.pass(() => subscriber.error(error)),
      })
      return () => {
        listeners--
        subscription.unsubscribe()
      }
    })

  /** What hung is over; a process that has ended meanwhile hears nothing of it. */
  const over = async (): Promise<void> => {
    await way.over()
    await gate.opened()
  }

  const slow = (): Promise<void> =>
    new Promise((resolve) => scheduler.schedule(() => gate.pass(resolve), way.mood.slowMs ?? 1_000))

  const read = async <T>(make: () => AsyncIterable<T>): Promise<AsyncIterable<T>> => {
    const mood = way.mood.memory
    if (mood === 'rejects') throw new Error('no store answers')
    if (mood === 'hangs') await over()
    if (mood === 'slow') await slow()
    return make()
  }

  const topic = async (work: () => Promise<void>): Promise<void> => {
    if (way.mood.topics === 'rejects') throw new Error('the filter is full')
    if (way.mood.topics === 'hangs') await over()
    await work()
  }

  async function* gated<T>(make: () => AsyncIterable<T>): AsyncGenerator<T> {
    for await (const each of await read(make)) {
      await gate.opened()
      yield each
    }
  }

  const sendAs = async (envelope: Parameters<Transport['send']>[0]): Promise<string> => {
    const mood = way.mood.send
    if (mood === 'rejects') throw new Error('no peer takes it')
    if (mood === 'hangs') await way.over()
    if (mood === 'slow') await slow()
    if (gate.hasEnded) return new Promise(() => {})
    const requestId = await peer.send(envelope)
    if (mood === 'no-outcome') muted.add(requestId)
    return requestId
  }

  return {
    get listeners() {
      return listeners
    },
    send(envelope) {
      if (way.mood.send === 'throws') throw new Error('the client is broken')
      return sendAs(envelope)
    },
    events$: behind(peer.events$, ({ requestId }) => !muted.has(requestId)),
    ...(peer.hashes$ && { hashes$: behind(peer.hashes$) }),
    messages$: behind(peer.messages$),
    connection$: behind(peer.connection$),
    maxMessageBytes: peer.maxMessageBytes,
    subscribe: (contentTopic) => topic(() => peer.subscribe(contentTopic)),
    unsubscribe: (contentTopic) => topic(() => peer.unsubscribe(contentTopic)),
    ...(memory && {
      fetch: (hashes, fetching) => gated(() => peer.fetch(hashes, fetching)),
      history: (query) => gated(() => peer.history(query)),
    }),
  }
}
