import { deepStrictEqual } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import {
  type ConnectionState,
  type Envelope,
  type Transport,
  type TransportEvent,
  type TransportMessage,
  checkEnvelope,
} from '@reliable-channels/transport'
import { transportConformance } from '@reliable-channels/transport/testing'
import { BehaviorSubject, Subject, filter } from 'rxjs'

let count = 0

/** A transport over a wire that everybody hears. */
function createTransport(wire: Subject<TransportMessage>): Transport {
  const topics = new Map<string, number>()
  const events$ = new Subject<TransportEvent>()
  return {
    maxMessageBytes: 10_000,
    events$,
    connection$: new BehaviorSubject<ConnectionState>('connected'),
    messages$: wire.pipe(filter(({ contentTopic }) => (topics.get(contentTopic) ?? 0) > 0)),
    async subscribe(topic) {
      topics.set(topic, (topics.get(topic) ?? 0) + 1)
    },
    async unsubscribe(topic) {
      topics.set(topic, Math.max(0, (topics.get(topic) ?? 0) - 1))
    },
    async send(envelope: Envelope) {
      checkEnvelope(envelope, this.maxMessageBytes)
      const requestId = String(++count)
      const hash = createHash('sha256').update(requestId).update(envelope.payload).digest('hex')
      wire.next({ ...envelope, hash })
      events$.next({ type: 'message-sent', requestId, hash })
      return requestId
    },
  }
}

const tests: (() => Promise<void>)[] = []
transportConformance({
  test: (_title, run) => tests.push(run),
  equal: deepStrictEqual,
  features: { fetch: false, history: false },
  create: async () => {
    const wire = new Subject<TransportMessage>()
    return { a: createTransport(wire), b: createTransport(wire), settle: () => turn(), close: async () => {} }
  },
})
for (const run of tests) await run()
console.log('a transport that keeps the contract')
