import type { Envelope, TransportMessage } from '../transport.ts'
import { distinct, textOf } from './bench.ts'
import type { Case } from './sending.ts'

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i)

/** Messages that arrive, and where. */
export const receivingCases: readonly Case[] = [
  [
    'delivers payload, content topic, meta and the ephemeral flag as they were sent',
    async ({ b, done, envelope, equal, received, send, topic }) => {
      await done(b.subscribe(topic))
      const meta = new TextEncoder().encode('marker/1')
      await send(envelope('', { payload: ALL_BYTES, meta }), 'delivered')
      await send(envelope('gone', { ephemeral: true, meta: ALL_BYTES.slice(0, 64) }), 'delivered')
      const [first, second, ...more] = distinct(received)
      equal(more, [], 'messages beyond the two that were sent')
      equal([...(first?.payload ?? [])], [...ALL_BYTES], 'payload')
      equal([...(first?.meta ?? [])], [...meta], 'meta')
      equal([first?.contentTopic, first?.ephemeral], [topic, false])
      equal([...(second?.meta ?? [])], Array.from(ALL_BYTES.slice(0, 64)), 'meta of 64 bytes')
      equal([second?.contentTopic, second?.ephemeral], [topic, true], 'of the ephemeral message')
    },
  ],
  [
    'delivers no meta where none was sent, and plain Uint8Arrays',
    async ({ b, done, envelope, equal, received, send, topic }) => {
      await done(b.subscribe(topic))
      await send(envelope('x'), 'delivered')
      equal(received[0]?.meta?.length ?? 0, 0, 'length of meta')
      equal(received[0]?.payload.constructor === Uint8Array, true, 'payload is a plain Uint8Array')
    },
  ],
  [
    'gives sender and receiver the same hash, other messages another',
    async ({ b, done, envelope, equal, events, received, send, topic }) => {
      await done(b.subscribe(topic))
      await send(envelope('1'), 'delivered')
      await send(envelope('2'), 'delivered')
      const sent = events.flatMap((event) => (event.type === 'message-sent' ? [event.hash] : []))
      equal(
        distinct(received).map(({ hash }) => hash),
        sent,
        'hashes at the receiver and at the sender',
      )
      equal(new Set(sent).size, 2, 'hashes of two messages')
      equal(
        sent.every((hash) => /^[0-9a-f]{64}$/.test(hash)),
        true,
        `64 lower-case hexadecimal digits: ${sent[0]}`,
      )
      for (const event of events) {
        if (event.type === 'message-propagated')
          equal(sent.includes(event.hash), true, 'hash of message-propagated')
      }
    },
  ],
  [
    'names the very envelope that came back, if any, to its sender alone',
    async ({ a, b, done, envelope, equal, send, settle, topic }) => {
      const echoes: [back: TransportMessage, echoOf: Envelope][] = []
      let elsewhere = 0
      a.messages$.subscribe((back) => back.echoOf !== undefined && echoes.push([back, back.echoOf]))
      b.messages$.subscribe(({ echoOf }) => (elsewhere += echoOf === undefined ? 0 : 1))
      await done(Promise.all([a.subscribe(topic), b.subscribe(topic)]))
      // The payload of the first two is the same.
      const sent = [envelope('x'), envelope('x'), envelope('y', { meta: Uint8Array.of(1) })]
      for (const one of sent) await send(one)
      await settle()
      equal(elsewhere, 0, 'messages of others that name an envelope')
      equal(
        echoes.filter(([, echoOf]) => !sent.includes(echoOf)),
        [],
        'envelopes that were not sent',
      )
      equal(new Set(echoes.map(([, echoOf]) => echoOf)).size, echoes.length, 'envelopes, each named once')
      for (const [back, echoOf] of echoes) equal(textOf(back), textOf(echoOf), 'payload that came back')
    },
  ],
  [
    'delivers nothing of a topic that is not subscribed',
    async ({ b, done, envelope, equal, otherTopic, received, send, settle, topic }) => {
      await send(envelope('before'))
      await settle()
      equal(received, [], 'messages with no subscription at all')
      await done(b.subscribe(otherTopic))
      await send(envelope('elsewhere'))
      await settle()
      equal(received, [], 'messages of another topic')
      await done(b.subscribe(topic))
      await send(envelope('now'), 'delivered')
      equal(
        received.some(({ contentTopic }) => contentTopic !== topic),
        false,
        'messages of other topics',
      )
    },
  ],
  [
    'counts subscriptions: the last unsubscribe ends delivery, and a new subscribe starts it again',
    async ({ b, done, envelope, equal, send, settle, texts, topic }) => {
      await done(b.subscribe(topic))
      await done(b.subscribe(topic))
      await done(b.unsubscribe(topic))
      await send(envelope('one left'), 'delivered')
      equal(texts(), ['one left'], 'after one unsubscribe of two')
      await done(b.unsubscribe(topic))
      await send(envelope('none left'))
      await settle()
      equal(texts(), ['one left'], 'after the last unsubscribe')
      await done(b.subscribe(topic))
      await send(envelope('again'), 'delivered')
      equal(texts().includes('again'), true, 'after subscribing again')
    },
  ],
  [
    'takes an unsubscribe of a topic that was never subscribed',
    async ({ b, done, envelope, equal, send, texts, topic }) => {
      await done(b.unsubscribe(topic))
      await done(b.subscribe(topic))
      await send(envelope('x'), 'delivered')
      equal(texts(), ['x'])
    },
  ],
  [
    'shows events and messages to every subscriber, and the past to none',
    async ({ a, b, done, envelope, equal, send, topic }) => {
      await done(b.subscribe(topic))
      await send(envelope('past'), 'delivered')
      const late: unknown[] = []
      b.messages$.subscribe((message) => late.push(message)).unsubscribe()
      a.events$.subscribe((event) => late.push(event)).unsubscribe()
      equal(late, [], 'what a late subscriber sees of the past')
      let messages = 0
      let events = 0
      b.messages$.subscribe(() => messages++)
      a.events$.subscribe(() => events++)
      await send(envelope('present'), 'delivered')
      equal([messages > 0, events > 0], [true, true], 'messages and events reach a second subscriber')
    },
  ],
]
