import { deepStrictEqual } from 'node:assert/strict'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { type TransportPair, transportConformance } from '@reliable-channels/transport/testing'
import { EMPTY, type Observable, concatMap, filter, from, map, of, skip } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type SimulatedNetworkOptions, simulatedNetwork, virtualTime } from './index.ts'

type Wrap = (transport: Transport) => Transport

/** Two peers, perhaps spoiled, on a network that loses nothing. */
function createPair(options: SimulatedNetworkOptions = {}, spoil: Wrap = (transport) => transport) {
  return async (): Promise<TransportPair> => {
    const time = virtualTime()
    const network = simulatedNetwork({ scheduler: time, ...options })
    const peer = network.peer('a')
    return {
      a: spoil(peer),
      b: spoil(network.peer('b')),
      settle: async () => void (await time.run()),
      disconnect: async () => peer.disconnect(),
      reconnect: async () => peer.connect(),
      close: async () => network.close(),
    }
  }
}

const equal = (actual: unknown, expected: unknown, message?: string): void =>
  expect(actual, message).toEqual(expected)

describe('a simulated peer', () => {
  transportConformance({ describe, test: it, equal, create: createPair() })
})

describe('a simulated peer with jitter, reordering and duplicates', () => {
  const options = { seed: 3, jitterMs: 50, reorder: 0.5, duplicate: 0.5 }
  transportConformance({ describe, test: it, equal, create: createPair(options) })
})

/** Runs the suite by a runner of five lines and returns the titles of the tests that failed. */
async function failures(spoil: Wrap): Promise<string[]> {
  const tests: [string, () => Promise<void>][] = []
  transportConformance({
    test: (title, run) => tests.push([title, run]),
    equal: deepStrictEqual,
    create: createPair({}, spoil),
  })
  const failed: string[] = []
  for (const [title, run] of tests) await run().catch(() => failed.push(title))
  return failed
}

/** The transport with some members replaced. */
const withMembers =
  (replace: (transport: Transport) => Partial<Record<keyof Transport, unknown>>): Wrap =>
  (transport) =>
    new Proxy(transport, {
      get(target, key) {
        const replaced = replace(target)
        if (key in replaced) return replaced[key as keyof Transport]
        const value: unknown = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })

const mapMessages = (change: (message: TransportMessage) => TransportMessage): Wrap =>
  withMembers(({ messages$ }) => ({ messages$: messages$.pipe(map(change)) }))

const final = 'ends each accepted request in exactly one final event'
const counted = 'counts subscriptions'
const asSent = 'delivers payload, content topic, meta'
const sameHash = 'gives sender and receiver the same hash'
const replayed = 'replays the latest connection state'

describe('the suite fails a transport that', () => {
  it.each<[string, string, Wrap]>([
    [
      'ends a request twice',
      final,
      withMembers(({ events$ }) => ({
        events$: events$.pipe(
          concatMap((event) => (event.type === 'message-sent' ? of(event, event) : of(event))),
        ),
      })),
    ],
    ['never ends a request', final, withMembers(() => ({ events$: EMPTY }))],
    [
      'says propagated after the end',
      final,
      withMembers(({ events$ }) => ({
        events$: events$.pipe(
          filter(({ type }) => type === 'message-sent'),
          concatMap((event) => from([event, { ...event, type: 'message-propagated' as const }])),
        ),
      })),
    ],
    [
      'gives equal envelopes one id',
      'gives each request an id',
      withMembers((transport) => ({
        send: async (envelope: Parameters<Transport['send']>[0]) => {
          await transport.send(envelope)
          return 'the id'
        },
      })),
    ],
    ['is deaf to unsubscribe', counted, withMembers(() => ({ unsubscribe: async () => {} }))],
    [
      'does not count subscriptions',
      counted,
      withMembers((transport) => ({
        unsubscribe: async (topic: string) => {
          for (let i = 0; i < 10; i++) await transport.unsubscribe(topic)
        },
      })),
    ],
    [
      'delivers without a subscription',
      'delivers nothing of a topic that is not subscribed',
      (transport) => {
        void transport.subscribe('/conformance/1/transport/proto')
        return transport
      },
    ],
    ['forgets the ephemeral flag', asSent, mapMessages((message) => ({ ...message, ephemeral: false }))],
    ['loses the meta', asSent, mapMessages(({ meta: _, ...message }) => message)],
    [
      'changes the payload',
      asSent,
      mapMessages((message) => ({ ...message, payload: message.payload.map((byte) => byte ^ 1) })),
    ],
    [
      'hands out Buffers',
      'plain Uint8Arrays',
      mapMessages((message) => ({ ...message, payload: Buffer.from(message.payload) })),
    ],
    [
      'makes a hash of its own at the receiver',
      sameHash,
      mapMessages((message) => ({ ...message, hash: message.hash.toUpperCase() })),
    ],
    [
      'takes any size',
      'one byte larger',
      withMembers((transport) => ({
        maxMessageBytes: transport.maxMessageBytes - 1,
      })),
    ],
    [
      'allows more than it carries',
      'carries the largest payload',
      withMembers((transport) => ({
        maxMessageBytes: transport.maxMessageBytes + 1,
      })),
    ],
    [
      'does not replay the connection',
      replayed,
      withMembers(({ connection$ }) => ({ connection$: connection$.pipe(skip(1)) })),
    ],
    [
      'replays events',
      'the past to none',
      (transport) => {
        const past: unknown[] = []
        transport.messages$.subscribe((message) => past.push(message))
        return withMembers(({ messages$ }) => ({
          messages$: {
            subscribe: (observer: never) => (
              from(past).subscribe(observer),
              (messages$ as Observable<unknown>).subscribe(observer)
            ),
          },
        }))(transport)
      },
    ],
    ['says nothing of its history', 'has the optional methods', withMembers(() => ({ history: undefined }))],
    [
      'turns its history around',
      'oldest first',
      withMembers((transport) => ({
        async *history(query: Parameters<NonNullable<Transport['history']>>[0]) {
          const all: TransportMessage[] = []
          for await (const message of transport.history!(query)) all.push(message)
          yield* all.toReversed()
        },
      })),
    ],
    [
      'ignores the time of its history',
      'starts its history at the time',
      withMembers((transport) => ({
        history: (query: Parameters<NonNullable<Transport['history']>>[0]) =>
          transport.history!({ ...query, sinceMs: 0 }),
      })),
    ],
    [
      'ignores the signal of its history',
      'ends history when the signal says so',
      withMembers((transport) => ({
        history: ({ signal: _, ...query }: Parameters<NonNullable<Transport['history']>>[0]) =>
          transport.history!(query),
      })),
    ],
    [
      'ignores the signal of fetch',
      'ends fetch when the signal says so',
      withMembers((transport) => ({ fetch: (hashes: string[]) => transport.fetch!(hashes) })),
    ],
    [
      'fetches nothing',
      'fetches messages by hash',
      withMembers((transport) => ({ fetch: () => transport.fetch!([]) })),
    ],
  ])('%s', async (_, title, spoil) => {
    expect(await failures(spoil)).toEqual(expect.arrayContaining([expect.stringContaining(title)]))
  })

  it('and none that keeps the contract', async () => {
    expect(await failures((transport) => transport)).toEqual([])
  })
})
