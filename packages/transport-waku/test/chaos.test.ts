import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { wireMessageHash } from '../src/core/message.ts'
import { FAKE_PUBSUB_TOPIC, type FakeServiceNode, silent, status } from './fake-services.ts'
import { type FakeTransport, fakeTransport } from './fake-transport.ts'
import { inFakeTime } from './fake-time.ts'

const START = 1_750_000_000_000
const TOPICS = ['/chaos/1/a/proto', '/chaos/1/b/proto']
const PEERS = ['one', 'two', 'three']
const pass = inFakeTime(START)

const cut = (): Promise<never> => Promise.reject(new Error('cut'))
/** Ways in which a service node may treat a request. */
const whims = {
  good: () => undefined,
  silent,
  cut,
  busy: () => status(429),
  full: () => status(503),
  doubtful: () => status(505),
  forgetful: () => status(404),
} as const
const whim = fc.constantFrom(...(Object.keys(whims) as (keyof typeof whims)[]))
const queryWhim = fc.constantFrom('good', 'silent', 'cut', 'empty', 'lying', 'endless' as const)

let made = 0
function behave(
  node: FakeServiceNode,
  push: keyof typeof whims,
  filter: keyof typeof whims,
  query: string,
): void {
  node.onPush = whims[push]
  node.onFilter = whims[filter]
  node.onQuery = () => {
    const ok = status(200)
    if (query === 'silent') return silent()
    if (query === 'cut') return cut()
    if (query === 'empty') return { status: ok, rows: [] }
    const rows = [{ hash: (++made).toString(16).padStart(64, '0') }]
    if (query === 'lying') return { status: ok, rows }
    return query === 'endless' ? { status: ok, rows, cursor: rows[0]!.hash } : undefined
  }
}

const peer = fc.constantFrom(...PEERS)
const topic = fc.constantFrom(...TOPICS)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('send' as const), topic, ephemeral: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(40_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('behave' as const),
      peer,
      push: whim,
      filter: whim,
      query: queryWhim,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('add' as const), peer }) },
  fc.record({ type: fc.constant('remove' as const), peer }),
  fc.record({ type: fc.constant('started' as const), isStarted: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('subscribe' as const), topic }) },
  fc.record({ type: fc.constant('unsubscribe' as const), topic }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('publish' as const), topic }) },
  fc.record({ type: fc.constant('sleep' as const), ms: fc.nat(600_000) }),
)

function publish({ services }: FakeTransport, contentTopic: string, text: string): string {
  const message = {
    contentTopic,
    payload: new TextEncoder().encode(text),
    ephemeral: false,
    timestampNs: BigInt(Date.now()) * 1_000_000n + BigInt(++made % 1_000_000),
  }
  const hash = wireMessageHash(FAKE_PUBSUB_TOPIC, message)
  for (const node of services.nodes.values()) node.store.set(hash, message)
  services.deliver(message)
  return hash
}

describe('whatever service nodes do, and whoever comes and goes', () => {
  it('each request ends once, what is subscribed is delivered again, and closing leaves nothing', async () => {
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 40, size: 'max' }),
      fc.constantFrom('peers' as const, 'store' as const),
      async (steps, confirm) => {
        const fake = fakeTransport({ confirm, giveUpMs: 30_000, requestTimeoutMs: 2000 })
        const { services, transport, events, messages } = fake
        const accepted: string[] = []
        const counts = new Map<string, number>()
        const open: Promise<unknown>[] = []
        for (const one of steps) {
          if (one.type === 'send') {
            const sending = fake.send(`${made++}`, { contentTopic: one.topic, ephemeral: one.ephemeral })
            open.push(sending.then((id) => accepted.push(id)))
          } else if (one.type === 'pass') await pass(one.ms)
          else if (one.type === 'sleep') vi.setSystemTime(Date.now() + one.ms)
          else if (one.type === 'add') {
            if (!services.nodes.has(one.peer)) services.add(one.peer)
          } else if (one.type === 'remove') services.remove(one.peer)
          else if (one.type === 'started') services.setStarted(one.isStarted)
          else if (one.type === 'publish') publish(fake, one.topic, `${made++}`)
          else if (one.type === 'behave') {
            const node = services.nodes.get(one.peer)
            if (node !== undefined) behave(node, one.push, one.filter, one.query)
          } else {
            const count = counts.get(one.topic) ?? 0
            if (one.type === 'subscribe') open.push(transport.subscribe(one.topic))
            else open.push(transport.unsubscribe(one.topic))
            counts.set(one.topic, Math.max(0, count + (one.type === 'subscribe' ? 1 : -1)))
          }
        }
        // From now on all is well.
        services.setStarted(true)
        for (const name of PEERS) {
          const node = services.nodes.get(name) ?? services.add(name)
          behave(node, 'good', 'good', 'good')
        }
        await pass(300_000)
        await Promise.all(open)
        const outcomes = events.filter(({ type }) => type !== 'message-propagated')
        expect(outcomes.map(({ requestId }) => requestId).toSorted()).toEqual(accepted.toSorted())
        expect(transport.queued).toBe(0)
        expect(new Set(messages.map(({ hash }) => hash)).size).toBe(messages.length)
        let state = ''
        transport.connection$.subscribe((next) => (state = next))
        expect(state).toBe('connected')
        for (const one of TOPICS) {
          const isWanted = (counts.get(one) ?? 0) > 0
          const hash = publish(fake, one, 'at last')
          expect(messages.filter((message) => message.hash === hash)).toHaveLength(isWanted ? 1 : 0)
        }
        await Promise.all([transport.close(), pass(100)])
        expect(vi.getTimerCount()).toBe(0)
        expect([...services.listeners.values()].every(({ size }) => size === 0)).toBe(true)
      },
    )
    await fc.assert(property, { numRuns: 100 })
  })
})
