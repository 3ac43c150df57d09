import type { Envelope, OutgoingHash } from '../transport.ts'
import { type Bench, RESOLVED } from './bench.ts'

/** A name and what a transport must do. */
export type Case = readonly [title: string, run: (bench: Bench) => Promise<void>]

const invalid: readonly (readonly [string, (bench: Bench) => Envelope])[] = [
  ['an empty payload', ({ envelope }) => envelope('')],
  ['an empty content topic', ({ envelope }) => envelope('x', { contentTopic: '' })],
  ['a meta of 65 bytes', ({ envelope }) => envelope('x', { meta: new Uint8Array(65) })],
  [
    'a payload one byte larger than maxMessageBytes',
    ({ envelope, a }) => envelope('', { payload: new Uint8Array(a.maxMessageBytes + 1) }),
  ],
]

/** Requests and what becomes of them. */
export const sendingCases: readonly Case[] = [
  [
    'gives each request an id of its own, for equal envelopes too',
    async ({ a, done, envelope, equal }) => {
      const ids = await done(Promise.all(['x', 'x', 'y'].map((text) => a.send(envelope(text)))))
      equal(ids.filter((id) => typeof id !== 'string' || id === '').length, 0, 'ids are non-empty strings')
      equal(new Set(ids).size, 3, 'ids are unique')
    },
  ],
  [
    'ends each accepted request in exactly one final event, the propagated one at most once and before it',
    async ({ a, done, envelope, equal, events, eventually, outcomes, settle }) => {
      const ids = await done(Promise.all(['1', '2', '3', '4', '5'].map((text) => a.send(envelope(text)))))
      await eventually(() => ids.every((id) => outcomes(id).length > 0))
      await settle()
      for (const id of ids) {
        const types = events.filter(({ requestId }) => requestId === id).map(({ type }) => type)
        equal(types.at(-1), 'message-sent', `the last event of request ${id}; all: ${types.join(', ')}`)
        const before = types.slice(0, -1)
        equal(
          before,
          before.length === 0 ? [] : ['message-propagated'],
          `events before the final one of ${id}`,
        )
      }
    },
  ],
  [
    'tells the hash of each message before its outcome, if it tells it early, to its sender alone',
    async ({ a, b, done, envelope, equal, events, outcomes, send, topic }) => {
      if (a.hashes$ === undefined) return
      await done(b.subscribe(topic))
      const told: { readonly of: OutgoingHash; readonly eventsBefore: number }[] = []
      let elsewhere = 0
      a.hashes$.subscribe((of) =>
        told.push({ of, eventsBefore: events.filter(({ requestId }) => requestId === of.requestId).length }),
      )
      b.hashes$?.subscribe(() => elsewhere++)
      const sent = [envelope('x'), envelope('x')]
      for (const one of sent) {
        const requestId = await send(one)
        const hashes = told.filter(({ of }) => of.requestId === requestId)
        const outcome = outcomes(requestId)[0]
        equal(hashes.at(-1)?.of.hash, outcome !== undefined && 'hash' in outcome ? outcome.hash : '', 'hash')
        equal(hashes[0]?.eventsBefore, 0, 'events of the request before its hash')
        equal(hashes[0]?.of.envelope === one, true, 'the very envelope')
      }
      equal(elsewhere, 0, 'hashes of the messages of others')
    },
  ],
  [
    'reports events of its own requests only',
    async ({ b, done, envelope, equal, events, eventually, settle }) => {
      let ended = false
      b.events$.subscribe(({ type }) => (ended ||= type === 'message-sent'))
      await done(b.send(envelope('from b')))
      await eventually(() => ended)
      await settle()
      equal(ended, true, 'the sender is told')
      equal(events, [], 'events of the other transport')
    },
  ],
  [
    'carries the largest payload that it allows',
    async ({ a, b, done, envelope, equal, outcomes, received, send, topic }) => {
      await done(b.subscribe(topic))
      const payload = Uint8Array.from({ length: a.maxMessageBytes }, (_, i) => (i * 31) & 0xff)
      const id = await send(envelope('', { payload }), 'delivered')
      equal(
        outcomes(id).map(({ type }) => type),
        ['message-sent'],
      )
      equal(received[0]?.payload.length, payload.length, 'length of what arrived')
      equal(
        received[0]?.payload.every((byte, i) => byte === payload[i]),
        true,
        'the bytes arrive unchanged',
      )
    },
  ],
  ...invalid.map(([what, make]): Case => [
    `rejects ${what}, without an event or a delivery`,
    async (bench) => {
      await bench.done(bench.b.subscribe(bench.topic))
      const error = await bench.rejection(bench.a.send(make(bench)))
      bench.equal(error === RESOLVED, false, 'send was to reject, and resolved')
      bench.equal(error instanceof Error, true, 'send was to reject with an Error')
      await bench.settle()
      bench.equal(bench.events, [], 'events of a request that was not accepted')
      bench.equal(bench.received, [], 'deliveries of a request that was not accepted')
    },
  ]),
]
