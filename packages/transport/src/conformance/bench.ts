import type { Envelope, Transport, TransportEvent, TransportMessage } from '../transport.ts'
import type { TransportConformanceOptions, TransportPair } from './options.ts'

/** Calls of `settle` for something that is expected. */
const PATIENCE = 250

/** Tools of a test: a pair of transports, and what came out of it. All functions may be taken out of it. */
export interface Bench {
  readonly a: Transport
  readonly b: Transport
  readonly topic: string
  readonly otherTopic: string
  readonly equal: (actual: unknown, expected: unknown, message?: string) => void
  /** All messages of `b` so far. */
  readonly received: readonly TransportMessage[]
  /** All events of `a` so far. */
  readonly events: readonly TransportEvent[]
  readonly settle: () => Promise<void>
  readonly disconnect: (() => Promise<void>) | undefined
  readonly reconnect: (() => Promise<void>) | undefined
  /** An envelope on the topic. */
  readonly envelope: (text: string, more?: Partial<Envelope>) => Envelope
  /** The result of something that may need the network to move. */
  readonly done: <T>(promise: Promise<T>) => Promise<T>
  /** The error that the promise was rejected with, or {@link RESOLVED}. */
  readonly rejection: (promise: Promise<unknown>) => Promise<unknown>
  /** All that an iterable yields. */
  readonly all: <T>(source: AsyncIterable<T>) => Promise<T[]>
  /** Lets the network move until `condition` holds, or patience ends. */
  readonly eventually: (condition: () => boolean) => Promise<void>
  /** The texts of what `b` received, each message once, in the order of first arrival. */
  readonly texts: () => string[]
  /** The final events of a request. */
  readonly outcomes: (requestId: string) => TransportEvent[]
  /** Sends from `a` and waits until the request has ended and, if told so, `b` has the message. */
  readonly send: (envelope: Envelope, expect?: 'delivered') => Promise<string>
}

/** The outcome of a promise that was not rejected. */
export const RESOLVED: unique symbol = Symbol('resolved')

/** The text of a payload. */
export const textOf = ({ payload }: { readonly payload: Uint8Array }): string =>
  new TextDecoder().decode(payload)

/** Each message once. */
export function distinct(messages: readonly TransportMessage[]): TransportMessage[] {
  return [...new Map(messages.map((message) => [message.hash, message])).values()]
}

/** Makes the bench of one test. */
export function createBench(pair: TransportPair, options: TransportConformanceOptions): Bench {
  const topic = options.contentTopic ?? '/conformance/1/transport/proto'
  const received: TransportMessage[] = []
  const events: TransportEvent[] = []
  pair.b.messages$.subscribe((message) => received.push(message))
  pair.a.events$.subscribe((event) => events.push(event))

  const bench: Bench = {
    a: pair.a,
    b: pair.b,
    settle: () => pair.settle(),
    disconnect: pair.disconnect && (() => pair.disconnect!()),
    reconnect: pair.reconnect && (() => pair.reconnect!()),
    topic,
    otherTopic: options.otherContentTopic ?? '/conformance/1/other/proto',
    equal: (actual, expected, message) => options.equal(actual, expected, message),
    received,
    events,
    envelope: (text, more = {}) => ({
      contentTopic: topic,
      payload: new TextEncoder().encode(text),
      ephemeral: false,
      ...more,
    }),
    async done(promise) {
      let pending = true
      const ended = (): void => void (pending = false)
      promise.then(ended, ended)
      await bench.eventually(() => !pending)
      return promise
    },
    rejection: (promise) =>
      bench.done(
        promise.then(
          () => RESOLVED,
          (error: unknown) => error,
        ),
      ),
    async all<T>(source: AsyncIterable<T>) {
      const items: T[] = []
      for await (const item of source) items.push(item)
      return items
    },
    async eventually(condition) {
      for (let i = 0; i < PATIENCE && !condition(); i++) await pair.settle()
    },
    texts: () => distinct(received).map(textOf),
    outcomes: (requestId) =>
      events.filter((event) => event.requestId === requestId && event.type !== 'message-propagated'),
    async send(envelope, expect) {
      // Others may come meanwhile, such as one that was asked for while there was no connection.
      const arrived = (): number => bench.texts().filter((text) => text === textOf(envelope)).length
      const before = arrived()
      const requestId = await bench.done(pair.a.send(envelope))
      await bench.eventually(
        () => bench.outcomes(requestId).length > 0 && (expect === undefined || arrived() > before),
      )
      return requestId
    },
  }
  return bench
}
