import { describe, expect, it, vi } from 'vitest'
import type { TransportMessage } from '@reliable-channels/transport'

import { type FakeServiceNode, silent } from '../../test/fake-services.ts'
import { inFakeTime } from '../../test/fake-time.ts'
import { TOPIC, type FakeTransport, fakeTransport } from '../../test/fake-transport.ts'

const START = 1_750_000_000_000

const pass = inFakeTime(START)

const hashOf = (i: number): string => i.toString(16).padStart(64, '0')

/** Fills stores with so many messages, one each millisecond. */
function fill(nodes: readonly FakeServiceNode[], count: number): void {
  for (let i = 0; i < count; i++) {
    const message = {
      contentTopic: TOPIC,
      payload: Uint8Array.of(i),
      ephemeral: false,
      timestampNs: BigInt(START + i) * 1_000_000n,
    }
    for (const node of nodes) node.store.set(hashOf(i), message)
  }
}

/** The messages that reading brings, and the error with which it ends, if it does. */
async function gather(
  source: AsyncIterable<TransportMessage>,
): Promise<{ hashes: string[]; error?: unknown }> {
  const hashes: string[] = []
  try {
    for await (const { hash } of source) hashes.push(hash)
  } catch (error) {
    return { hashes, error }
  }
  return { hashes }
}

/** The same, while time passes. */
async function read(source: AsyncIterable<TransportMessage>): ReturnType<typeof gather> {
  const state = { done: false }
  const reading = gather(source).finally(() => (state.done = true))
  for (let i = 0; i < 1000 && !state.done; i++) await pass(100)
  return reading
}

const history = ({ transport }: FakeTransport, sinceMs = 0): ReturnType<typeof read> =>
  read(transport.history({ contentTopic: TOPIC, sinceMs }))

describe('history', () => {
  // A client does not read pages of 10 MB.
  it('reads in pages of twenty, oldest first', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    fill([node], 95)
    const { hashes } = await history(fake)
    expect(hashes).toEqual(Array.from({ length: 95 }, (_, i) => hashOf(i)))
    expect(node.queries.map(({ limit }) => limit)).toEqual([20, 20, 20, 20, 20])
  })

  // Bounds are rounded on the way. F13: what is a little early is not left out, since senders' clocks differ by more.
  it('asks for a millisecond more, and leaves out nothing of what the store gives', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    fill([node], 30)
    const { hashes } = await history(fake, START + 10)
    expect(hashes).toEqual(Array.from({ length: 21 }, (_, i) => hashOf(i + 9)))
    expect(node.queries[0]?.sinceNs).toBe(BigInt(START + 9) * 1_000_000n)
  })

  // N3: to look for a few that are missing costs a page of hashes.
  it('reads only what the caller does not have', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    fill([node], 90)
    const missing = [hashOf(3), hashOf(77)]
    const isKnown = (hash: string): boolean => !missing.includes(hash)
    const { hashes } = await read(fake.transport.history({ contentTopic: TOPIC, sinceMs: 0, isKnown }))
    expect(hashes).toEqual(missing)
    expect(node.queries.map(({ includeData, hashes: asked }) => [includeData, asked?.length])).toEqual([
      [false, undefined],
      [true, 2],
    ])
  })

  it('goes on at another store, without gap or repetition, when one fails in the middle', async () => {
    const fake = fakeTransport({ requestTimeoutMs: 1000 })
    const [one, two] = [fake.services.add('one'), fake.services.add('two')]
    fill([one, two], 90)
    one.onQuery = () => (one.queries.length > 2 ? silent() : undefined)
    const { hashes } = await history(fake)
    expect(hashes).toEqual(Array.from({ length: 90 }, (_, i) => hashOf(i)))
  })

  it('starts again from the last message when a store knows its cursor no longer', async () => {
    const fake = fakeTransport()
    const one = fake.services.add('one')
    fill([one], 50)
    one.onQuery = () =>
      one.queries.length === 2 ? { status: { code: 300, text: 'cursor not found' }, rows: [] } : undefined
    const { hashes } = await history(fake)
    expect(hashes).toEqual(Array.from({ length: 50 }, (_, i) => hashOf(i)))
  })

  // An empty result proves nothing.
  it('asks a second store when the first has nothing', async () => {
    const fake = fakeTransport()
    const [empty, full] = [fake.services.add('empty'), fake.services.add('full')]
    fill([full], 3)
    expect((await history(fake)).hashes).toHaveLength(3)
    expect(empty.queries).toHaveLength(1)
  })

  it('believes the only store that there is', async () => {
    const fake = fakeTransport()
    fake.services.add('empty')
    expect(await history(fake)).toEqual({ hashes: [] })
  })

  it('fails when every store fails, after several rounds, and when there is none', async () => {
    const fake = fakeTransport()
    expect((await history(fake)).error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    const node = fake.services.add('one')
    node.onQuery = () => ({ status: { code: 503, text: '' }, rows: [] })
    expect((await history(fake)).error).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      cause: { status: 503 },
    })
    expect(node.queries).toHaveLength(3)
  })

  it('waits a moment for a store to appear', async () => {
    const fake = fakeTransport()
    const reading = history(fake)
    await pass(500)
    fill([fake.services.add('one')], 2)
    fake.services.changes$.next()
    expect((await reading).hashes).toHaveLength(2)
  })

  it('asks each store at most so often a second', async () => {
    const fake = fakeTransport({ queriesPerSecond: 1 })
    const node = fake.services.add('one')
    fill([node], 15 * 20)
    const before = Date.now()
    expect((await history(fake)).hashes).toHaveLength(300)
    // Ten at once, five more at one a second.
    expect(Date.now() - before).toBeGreaterThanOrEqual(5000)
  })

  it('gives up a store that gives page after page without anything new', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    node.onQuery = () => ({ status: { code: 200, text: '' }, rows: [], cursor: hashOf(node.queries.length) })
    expect((await history(fake)).error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(node.queries.length).toBeLessThan(20)
  })

  // X14
  it.each([
    { what: 'of the future, which no store has', aheadMs: 3_600_000, pages: 20 },
    { what: 'of now, without end', aheadMs: 0, pages: 1_001 },
  ])('ends with an error where a store makes up rows $what', async ({ aheadMs, pages }) => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    let made = 0
    node.onQuery = ({ limit }) => {
      const rows = Array.from({ length: limit }, () => {
        const timestampNs = BigInt(Date.now() + aheadMs) * 1_000_000n + BigInt(made)
        const message = { contentTopic: TOPIC, payload: Uint8Array.of(1), ephemeral: false, timestampNs }
        return { hash: hashOf(++made), message }
      })
      return { status: { code: 200, text: '' }, rows, cursor: hashOf(made) }
    }
    const state = { done: false }
    const reading = gather(fake.transport.history({ contentTopic: TOPIC, sinceMs: 0 })).finally(
      () => (state.done = true),
    )
    while (!state.done) await pass(1_000)
    expect((await reading).error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(node.queries.length).toBeLessThanOrEqual(pages)
  })

  it('ends with an error when the transport is closed', async () => {
    const fake = fakeTransport()
    fake.services.add('one').onQuery = silent
    const reading = history(fake)
    await fake.transport.close()
    expect((await reading).error).toMatchObject({ code: 'ERR_TRANSPORT_CLOSED' })
  })
})

describe('fetch', () => {
  it('asks other stores for what one does not have, twenty hashes at a time', async () => {
    const fake = fakeTransport()
    const [one, two] = [fake.services.add('one'), fake.services.add('two')]
    fill([one], 25)
    fill([two], 50)
    const wanted = Array.from({ length: 60 }, (_, i) => hashOf(i))
    const { hashes } = await read(fake.transport.fetch(wanted))
    expect(hashes.toSorted()).toEqual(wanted.slice(0, 50))
    expect(new Set(hashes).size).toBe(50)
    for (const { hashes: asked = [] } of [...one.queries, ...two.queries])
      expect(asked.length).toBeLessThanOrEqual(20)
  })

  it('asks a store at once, however many wait for one that failed and rests', async () => {
    const fake = fakeTransport({ requestTimeoutMs: 1000 })
    const [good, bad] = [fake.services.add('good'), fake.services.add('bad')]
    fill([good], 1)
    bad.onQuery = silent
    await read(fake.transport.fetch([hashOf(7)]))
    // Neither has it, so that both are asked.
    const waiting = Array.from({ length: 8 }, () => gather(fake.transport.fetch([hashOf(7)])))
    await pass(200)
    const before = Date.now()
    expect((await read(fake.transport.fetch([hashOf(0)]))).hashes).toHaveLength(1)
    expect(Date.now() - before).toBeLessThan(500)
    await Promise.all([fake.transport.close(), ...waiting])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves out what is no hash', async () => {
    const fake = fakeTransport()
    const node = fake.services.add('one')
    expect(await read(fake.transport.fetch(['', 'xyz', 'AB'.repeat(32)]))).toEqual({ hashes: [] })
    expect(node.queries).toEqual([])
  })
})
