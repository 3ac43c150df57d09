import { describe, expect, it, vi } from 'vitest'
import { FAKE_PUBSUB_TOPIC, silent, status } from '../../test/fake-services.ts'
import { wireMessageHash } from '../core/message.ts'
import { TOPIC, type FakeTransport, fakeTransport } from '../../test/fake-transport.ts'
import { inFakeTime } from '../../test/fake-time.ts'

const pass = inFakeTime()

/** Subscribes, and lets the requests happen. */
async function subscribed(fake: FakeTransport, topic = TOPIC): Promise<void> {
  await Promise.all([fake.transport.subscribe(topic), pass(50)])
}

/** Follows the connection. */
function states({ transport }: FakeTransport): string[] {
  const seen: string[] = []
  transport.connection$.subscribe((state) => seen.push(state))
  return seen
}

const texts = ({ messages }: FakeTransport): string[] =>
  messages.map(({ payload }) => new TextDecoder().decode(payload))

let stamp = 0n
/** Puts a message of somebody else into the network: into stores, and to whoever is subscribed. */
function publish({ services }: FakeTransport, text: string, contentTopic = TOPIC): void {
  const timestampNs = BigInt(Date.now()) * 1_000_000n + ++stamp
  const message = { contentTopic, payload: new TextEncoder().encode(text), ephemeral: false, timestampNs }
  const hash = wireMessageHash(FAKE_PUBSUB_TOPIC, message)
  for (const node of services.nodes.values()) node.store.set(hash, message)
  services.deliver(message)
}

describe('subscribing', () => {
  it('subscribes at two service nodes and delivers each message once', async () => {
    const fake = fakeTransport()
    const nodes = ['one', 'two', 'three'].map((name) => fake.services.add(name))
    await subscribed(fake)
    expect(nodes.map(({ subscribed: topics }) => topics.size)).toEqual([1, 1, 0])
    publish(fake, 'x')
    expect(texts(fake)).toEqual(['x'])
  })

  it('subscribes before any service node is there, and is connected only when one delivers', async () => {
    const fake = fakeTransport()
    const seen = states(fake)
    await subscribed(fake)
    const node = fake.services.add('one')
    node.delayMs = 100
    await pass(50)
    await pass(500)
    expect(node.subscribed.has(TOPIC)).toBe(true)
    expect(seen).toEqual(['connecting', 'connected'])
  })

  it('stays connected while a topic is added', async () => {
    const fake = fakeTransport()
    fake.services.add('one')
    await subscribed(fake)
    const seen = states(fake)
    await subscribed(fake, '/test/1/other/proto')
    expect(seen).toEqual(['connected'])
  })

  it('asks for at most 100 topics at a time', async () => {
    const fake = fakeTransport()
    const topics = Array.from({ length: 230 }, (_, i) => `/test/1/${i}/proto`)
    await Promise.all([...topics.map((topic) => fake.transport.subscribe(topic)), pass(50)])
    const node = fake.services.add('one')
    await pass(500)
    expect(node.subscribed.size).toBe(230)
    const sizes = node.filterRequests.flatMap((one) =>
      one.type === 'subscribe' ? [one.contentTopics.length] : [],
    )
    expect(sizes).toEqual([100, 100, 30])
  })

  it('unsubscribes after the last of the counted subscriptions, and subscribes again in the right order', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    await subscribed(fake)
    await fake.transport.unsubscribe(TOPIC)
    await pass(100)
    expect(node.subscribed.has(TOPIC)).toBe(true)
    await fake.transport.unsubscribe(TOPIC)
    await subscribed(fake)
    await pass(100)
    expect(node.subscribed.has(TOPIC)).toBe(true)
    await fake.transport.unsubscribe(TOPIC)
    await pass(100)
    expect(node.subscribed.has(TOPIC)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('subscribing while something fails', () => {
  it('leaves no timer when the transport is closed meanwhile', async () => {
    const fake = fakeTransport()
    const listen = fake.services.listen.bind(fake.services)
    const listening = Promise.withResolvers<void>()
    fake.services.listen = (topic, listener) => listening.promise.then(() => listen(topic, listener))
    const subscribing = fake.transport.subscribe(TOPIC)
    const closing = fake.transport.close()
    listening.resolve()
    await Promise.all([subscribing, closing])
    expect(vi.getTimerCount()).toBe(0)
    expect(fake.services.listeners.get(TOPIC)?.size).toBe(0)
  })

  it('can be tried again when it failed, and does not keep the transport from closing', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    const listen = fake.services.listen.bind(fake.services)
    fake.services.listen = () => Promise.reject(new Error('not now'))
    await expect(fake.transport.subscribe(TOPIC)).rejects.toThrow('not now')
    const failing = fake.transport.subscribe(TOPIC)
    // Nothing is left to undo.
    await expect(fake.transport.unsubscribe(TOPIC)).resolves.toBeUndefined()
    await expect(failing).rejects.toThrow('not now')
    fake.services.listen = listen
    await subscribed(fake)
    expect(node.subscribed.has(TOPIC)).toBe(true)
    publish(fake, 'x')
    expect(texts(fake)).toEqual(['x'])
    await fake.transport.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('keeping alive', () => {
  // The SDK's defaults take up to three minutes.
  it('notices within a check that it was forgotten, subscribes again and fetches what was missed', async () => {
    const fake = fakeTransport({ storeCheckMs: 0 })
    const node = fake.services.add('one')
    await subscribed(fake)
    const seen = states(fake)
    await pass(20_000)
    node.subscribed.clear()
    publish(fake, 'missed')
    await pass(15_000)
    publish(fake, 'live')
    await pass(1000)
    expect(texts(fake).toSorted()).toEqual(['live', 'missed'])
    expect(seen).toEqual(['connected', 'connecting', 'connected'])
    expect(fake.diagnosed('filter-lost')).toMatchObject([{ peer: 'one', reason: 'forgotten' }])
    expect(fake.diagnosed('caught-up')).toMatchObject([{ contentTopic: TOPIC, messages: 1 }])
  })

  it('notices nothing amiss while another service node delivers', async () => {
    const fake = fakeTransport()
    const [one] = [fake.services.add('one'), fake.services.add('two')]
    await subscribed(fake)
    const seen = states(fake)
    one.subscribed.clear()
    publish(fake, 'x')
    await pass(16_000)
    expect(one.subscribed.has(TOPIC)).toBe(true)
    expect([texts(fake), seen]).toEqual([['x'], ['connected']])
    expect(fake.diagnosed('caught-up')).toEqual([])
  })

  it('turns to another service node when one is silent', async () => {
    const fake = fakeTransport({ filterPeers: 1, requestTimeoutMs: 2000 })
    const [mute, other] = [fake.services.add('mute'), fake.services.add('other')]
    await subscribed(fake)
    mute.onFilter = silent
    mute.subscribed.clear()
    publish(fake, 'missed')
    await pass(40_000)
    expect(other.subscribed.has(TOPIC)).toBe(true)
    expect(texts(fake)).toEqual(['missed'])
    expect(fake.diagnosed('filter-lost')).toMatchObject([{ peer: 'mute', reason: 'no-answer' }])
  })

  it('turns to another service node when one refuses', async () => {
    const fake = fakeTransport({ filterPeers: 1 })
    fake.services.add('full').onFilter = () => ({ code: 503, text: 'SERVICE_UNAVAILABLE' })
    const other = fake.services.add('other')
    await subscribed(fake)
    await pass(100)
    expect(other.subscribed.has(TOPIC)).toBe(true)
    expect(fake.diagnosed('filter-lost')).toMatchObject([{ peer: 'full', reason: 'refused' }])
  })

  it('is not connected while the only service node refuses, and asks it again', async () => {
    const fake = fakeTransport()
    const seen = states(fake)
    const node = fake.services.add('full')
    node.onFilter = () => ({ code: 503, text: 'SERVICE_UNAVAILABLE' })
    await subscribed(fake)
    expect(seen.at(-1)).toBe('connecting')
    node.onFilter = () => undefined
    await pass(16_000)
    expect([seen.at(-1), node.subscribed.has(TOPIC)]).toEqual(['connected', true])
  })

  it('notices by own messages that do not come back that nobody delivers, and turns to others', async () => {
    const fake = fakeTransport({ filterPeers: 1 })
    const [deaf, other] = [fake.services.add('deaf'), fake.services.add('other', ['filter', 'store'])]
    await subscribed(fake)
    // Answers every ping, and delivers nothing.
    deaf.subscribed.clear()
    deaf.onFilter = ({ type }) => (type === 'ping' ? status(200) : undefined)
    publish(fake, 'missed')
    for (let i = 0; i < 3; i++) await fake.send(`own ${i}`)
    await pass(31_000)
    expect(other.subscribed.has(TOPIC)).toBe(true)
    expect(texts(fake)).toContain('missed')
    expect(fake.diagnosed('filter-lost')).toMatchObject([{ peer: 'deaf', reason: 'no-echo' }])
  })

  it('subscribes anew every minute, so that a topic that was forgotten alone comes back', async () => {
    const fake = fakeTransport({ filterPeers: 1 })
    const node = fake.services.add('one')
    await subscribed(fake)
    await subscribed(fake, '/test/1/other/proto')
    node.subscribed.delete(TOPIC)
    await pass(61_000)
    expect(node.subscribed.size).toBe(2)
  })

  // MSG-16: what was missed while offline is fetched from a store.
  it('fetches what was missed when the last service node was lost and one is back', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    await pass(20_000)
    const seen = states(fake)
    fake.services.remove('one')
    await pass(60_000)
    const back = fake.services.add('one')
    for (const [hash, message] of node.store) back.store.set(hash, message)
    publish(fake, 'while away')
    await pass(1000)
    expect(texts(fake)).toEqual(['while away'])
    expect(seen).toEqual(['connected', 'connecting', 'connected'])
    expect(fake.diagnosed('filter-lost')).toMatchObject([{ reason: 'disconnected' }])
  })

  it('subscribes anew and catches up after a sleep', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    const seen = states(fake)
    await pass(1000)
    // The clock goes on while timers stand still.
    vi.setSystemTime(Date.now() + 3_600_000)
    const message = { contentTopic: TOPIC, payload: new Uint8Array(1), ephemeral: false }
    node.store.set('ab'.repeat(32), { ...message, timestampNs: BigInt(Date.now() - 1000) * 1_000_000n })
    await pass(15_000)
    expect(fake.messages.map(({ hash }) => hash)).toEqual(['ab'.repeat(32)])
    expect(seen).toEqual(['connected', 'connecting', 'connected'])
    expect(fake.diagnosed('woke-up')[0]?.sleptMs).toBeGreaterThan(3_500_000)
  })

  // MSG-25
  // N3: what filters drop is in the stores.
  it('looks at a store every half minute for what nobody delivered: hashes first, then what is not known', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    await pass(60_000)
    publish(fake, 'delivered')
    // The service node says that it delivers, and leaves one out.
    node.subscribed.clear()
    publish(fake, 'left out')
    node.subscribed.add(TOPIC)
    const before = node.queries.length
    await pass(29_000)
    expect(texts(fake)).toEqual(['delivered'])
    await pass(3000)
    expect(texts(fake)).toEqual(['delivered', 'left out'])
    expect(
      node.queries.slice(before).map(({ includeData, hashes }) => [includeData, hashes?.length]),
    ).toEqual([
      [false, undefined],
      [true, 1],
    ])
    // Where one was left out more may be.
    node.subscribed.clear()
    publish(fake, 'left out too')
    node.subscribed.add(TOPIC)
    await pass(6000)
    expect(texts(fake)).toEqual(['delivered', 'left out', 'left out too'])
    await pass(120_000)
    expect(texts(fake)).toHaveLength(3)
  })

  // F13: the sender's clock is 15 s behind, and ours 15 s ahead.
  it('finds what was missed though its stamp is 30 s older than the time at which it was missed', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    await pass(100_000)
    node.subscribed.clear()
    const timestampNs = BigInt(Date.now() - 30_000) * 1_000_000n
    const message = {
      contentTopic: TOPIC,
      payload: new TextEncoder().encode('early'),
      ephemeral: false,
      timestampNs,
    }
    node.store.set(wireMessageHash(FAKE_PUBSUB_TOPIC, message), message)
    await pass(16_000)
    expect(texts(fake)).toEqual(['early'])
  })

  it('reads what was missed for as long as it takes, less often each time, and not twice', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    await pass(20_000)
    node.onQuery = () => ({ status: status(503), rows: [] })
    node.subscribed.clear()
    publish(fake, 'missed')
    await pass(1_800_000)
    expect(texts(fake)).toEqual([])
    const failed = fake.diagnosed('catch-up-failed').length
    expect(failed).toBeGreaterThan(20)
    expect(failed).toBeLessThan(45)
    node.onQuery = () => undefined
    await pass(70_000)
    expect(texts(fake)).toEqual(['missed'])
    expect(fake.diagnosed('catch-up-failed')).toHaveLength(failed)
  })

  it('does not ask again and again for what it has long forgotten', async () => {
    const fake = fakeTransport({ maxRemembered: 100 })
    const node = fake.services.add('one')
    await subscribed(fake)
    for (let i = 0; i < 1000; i++) {
      publish(fake, `${i}`)
      await pass(100)
    }
    expect(fake.messages).toHaveLength(1000)
    expect(node.queries.filter(({ includeData }) => includeData)).toEqual([])
  })

  it('looks at stores after the clock was set back too, and fetches what was missed then', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    await pass(60_000)
    vi.setSystemTime(Date.now() - 3_600_000)
    node.subscribed.clear()
    publish(fake, 'left out')
    node.subscribed.add(TOPIC)
    await pass(62_000)
    expect(texts(fake)).toEqual(['left out'])
    node.subscribed.clear()
    publish(fake, 'missed')
    await pass(16_000)
    expect(texts(fake)).toEqual(['left out', 'missed'])
  })

  it('turns to another store when one names hashes without end for which nobody has a message', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    await subscribed(fake)
    let made = 0
    node.onQuery = ({ hashes }) => {
      if (hashes !== undefined) return { status: status(200), rows: [] }
      const rows = Array.from({ length: 100 }, () => ({ hash: (made++).toString(16).padStart(64, '0') }))
      return { status: status(200), rows, cursor: rows.at(-1)!.hash }
    }
    await pass(260_000)
    // A reading ends after eleven pages, and is made again once a minute.
    expect(node.queries.length).toBeLessThan(700)
    expect(fake.diagnosed('catch-up-failed').length).toBeGreaterThan(2)
    const honest = fake.services.add('two')
    await pass(31_000)
    node.subscribed.clear()
    honest.subscribed.clear()
    publish(fake, 'missed')
    await pass(90_000)
    expect(texts(fake)).toEqual(['missed'])
  })

  it('looks at stores one time after the other, however slow they are', async () => {
    const fake = fakeTransport({ storeCheckMs: 1000 })
    const node = fake.services.add('one')
    await subscribed(fake)
    node.delayMs = 4000
    await pass(60_000)
    expect(node.queries.length).toBeLessThanOrEqual(15)
  })

  it('leaves catching up to others when told so', async () => {
    const fake = fakeTransport({ catchUp: false })
    const node = fake.services.add('one')
    await subscribed(fake)
    node.subscribed.clear()
    publish(fake, 'missed')
    await pass(20_000)
    expect([node.subscribed.size, texts(fake), node.queries]).toEqual([1, [], []])
  })
})

describe('receiving', () => {
  // MSG-15: several service nodes deliver the same message.
  it('delivers a message once, by its hash, for as long as it is remembered', async () => {
    const fake = fakeTransport({ maxRemembered: 2 })
    fake.services.add('one')
    await subscribed(fake)
    const message = { contentTopic: TOPIC, payload: Uint8Array.of(1), ephemeral: false, timestampNs: 5n }
    for (let i = 0; i < 3; i++) fake.services.deliver(message)
    expect(fake.messages).toHaveLength(1)
    publish(fake, 'a')
    publish(fake, 'b')
    fake.services.deliver(message)
    expect(fake.messages).toHaveLength(4)
  })

  // Senders receive their own messages.
  it('delivers own messages like others, with the hash of their request', async () => {
    const fake = fakeTransport()
    fake.services.add('one')
    await subscribed(fake)
    await fake.send('own')
    await pass(100)
    expect(fake.messages.map(({ hash }) => hash)).toEqual([(fake.events[0] as { hash: string }).hash])
  })
})
