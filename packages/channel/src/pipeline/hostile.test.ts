import type { Envelope } from '@reliable-channels/transport'
import { describe, expect, it } from 'vitest'
import { encodeMessage } from '@reliable-channels/sds/core'
import type { HistoryEntry, SdsMessage } from '@reliable-channels/sds/core'
import { segmentPayload } from '@reliable-channels/segmentation/core'
import { type Store, memoryStore } from '@reliable-channels/store'
import { fakeTransport } from '../../test/fake-transport.ts'
import { hello, openFake, team } from '../../test/open-fake.ts'

const encodeSegmentOf = (text: string): Uint8Array<ArrayBuffer> =>
  segmentPayload(new TextEncoder().encode(text))[0]!.payload

const meta = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')
const START = 86_400_000

/** An envelope with an SDS message of somebody who may lie. */
const from = (fields: Partial<SdsMessage>): Envelope & { meta: Uint8Array<ArrayBuffer> } => ({
  contentTopic: team.contentTopic,
  ephemeral: false,
  meta,
  payload: encodeMessage(
    {
      senderId: 'mallory',
      messageId: 'id',
      channelId: team.channelId,
      lamport: START,
      causalHistory: [],
      repairRequest: [],
      ...fields,
    },
    'lip',
  ),
})

/** A store whose writes end when the test says so. */
function slowStore(): { store: Store; finish: () => void } {
  const inner = memoryStore()
  let waiting: (() => void)[] = []
  const store = Object.assign(Object.create(inner) as Store, {
    entries: (prefix: string) => inner.entries(prefix),
    get: (key: string) => inner.get(key),
    async write(changes: Parameters<Store['write']>[0]) {
      if (changes.some(({ key }) => key.includes('/sds/')))
        await new Promise<void>((resolve) => waiting.push(resolve))
      await inner.write(changes)
    },
  })
  return {
    store,
    finish() {
      for (const resolve of waiting.splice(0)) resolve()
      waiting = []
    },
  }
}

describe('a message that is taken back', () => {
  it('does not leave when it was still being stored', async () => {
    const { store, finish } = slowStore()
    const { channel, transport, pass } = await openFake({ store })
    const handle = channel.send(hello)
    await pass()
    expect(handle.cancel()).toBe('cancelled')
    finish()
    await pass(30_000)
    expect(transport.sent.filter(({ ephemeral }) => !ephemeral)).toEqual([])
    finish()
    await pass()
    const closing = channel.close()
    finish()
    await pass()
    finish()
    await closing
  })
})

describe('a frame that the rate limit drops', () => {
  it('ends its request when it has waited too long', async () => {
    const { channel, told, pass } = await openFake({
      rateLimit: { enabled: true, epochMs: 60_000, messagesPerEpoch: 1, optionalLifetimeMs: 10_000 },
    })
    channel.send(hello)
    const late = channel.send(hello, { ephemeral: true })
    const outcome = expect(late.sent()).rejects.toThrow('one or more segments failed')
    await pass(11_000)
    await outcome
    expect(told()).toContain('reliable:message:send-error one or more segments failed')
    await channel.close()
  })

  it('is tried again when there was no room for a copy', async () => {
    const { channel, transport, told, pass } = await openFake({
      segmentSizeBytes: 192,
      rateLimit: { enabled: true, epochMs: 60_000, messagesPerEpoch: 1, maxQueued: 4 },
      sds: { maxRetransmissions: 1, acknowledgementTimeoutMs: 1_000, periodicSyncMs: 0 },
    })
    transport.onSend = (_, id) => {
      queueMicrotask(() => transport.confirm(id))
      return id
    }
    channel.send(hello)
    await pass(100)
    // Nothing else fits from here on.
    channel.send(new Uint8Array(200).fill(7))
    await pass(20 * 60_000)
    expect(told().filter((event) => event.startsWith('reliable:message:delivery-error'))).toHaveLength(2)
    await channel.close()
  })
})

describe('a signal', () => {
  it('is let go of when its message has ended', async () => {
    const { channel, transport, pass } = await openFake()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = ((...args: Parameters<typeof add>) => (listeners++, add(...args))) as typeof add
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => (
      listeners--,
      remove(...args)
    )) as typeof remove
    channel.send(hello, { signal, ephemeral: true })
    await pass()
    expect(listeners).toBe(1)
    transport.confirm('m0')
    await pass()
    expect(listeners).toBe(0)
    await channel.close()
  })
})

describe('retrieval hints of a liar', () => {
  it('are asked for once, if they look like hints, and no more than so many', async () => {
    const transport = fakeTransport()
    const asked: string[] = []
    transport.fetch = async function* (hashes) {
      asked.push(...hashes)
      await Promise.resolve()
      yield* []
    }
    const { channel, pass } = await openFake({ transport })
    const good = new Uint8Array(32).fill(1)
    const entry = (messageId: string, retrievalHint: Uint8Array): HistoryEntry => ({
      messageId,
      senderId: 'carol',
      retrievalHint,
    })
    for (let i = 0; i < 50; i++) {
      const causalHistory = [
        entry('good', good),
        entry('bad', new Uint8Array(50)),
        entry('short', new Uint8Array(3)),
      ]
      for (let j = 0; j < 200; j++) {
        const hint = new Uint8Array(32)
        hint.set([i, j, 9])
        causalHistory.push(entry(`phantom-${i}-${j}`, hint))
      }
      transport.deliver(from({ messageId: `lie-${i}`, content: encodeSegmentOf('hello'), causalHistory }))
    }
    await pass(5_000)
    expect(asked.filter((hash) => hash === '01'.repeat(32))).toHaveLength(1)
    expect(new Set(asked.map(({ length }) => length))).toEqual(new Set([64]))
    expect(asked.length).toBeLessThanOrEqual(1_000)
    await channel.close()
  })
})

describe('long ids of a liar', () => {
  it('do not make own messages too large for the network', async () => {
    const transport = { ...fakeTransport(), maxMessageBytes: 40_000 }
    const { channel, pass } = await openFake({
      transport,
      segmentSizeBytes: 5_000,
      sds: { periodicSyncMs: 10_000 },
    })
    const long = (i: number): string => `${i}`.padEnd(1_000, 'x')
    for (let i = 0; i < 300; i++)
      transport.deliver(from({ messageId: long(i), senderId: long(i), content: hello }))
    const ok = (i: number): string => `${i}`.padEnd(250, 'x')
    for (let i = 0; i < 300; i++)
      transport.deliver(from({ messageId: ok(i), senderId: ok(i), content: hello }))
    channel.send(new Uint8Array(4_800).fill(7))
    await pass(120_000)
    expect(transport.sent.length).toBeGreaterThan(1)
    expect(Math.max(...transport.sent.map(({ payload }) => payload.length))).toBeLessThanOrEqual(40_000)
    await channel.close()
  })
})

// F11, X10: a write that no store takes holds up all that come after it.
describe('ids that are no text', () => {
  it('stop no write, whether they are those of messages, of senders or of what they come after', async () => {
    const disk = new Map<string, Uint8Array>()
    const { channel, transport, events, pass } = await openFake({ store: memoryStore(disk) })
    const [id, other, sender] = ['\udcff', 'a\udc80', '\udcfe']
    transport.deliver(from({ messageId: id, senderId: sender, content: encodeSegmentOf('one') }), 'aa')
    transport.deliver(
      from({
        messageId: `${id}2`,
        senderId: sender,
        lamport: START + 1,
        content: encodeSegmentOf('two'),
        causalHistory: [{ messageId: other, senderId: sender, retrievalHint: new Uint8Array(32) }],
      }),
      'bb',
    )
    transport.deliver(from({ messageId: `${id}3`, senderId: sender, lamport: START + 2 }), 'cc')
    transport.deliver(
      from({ messageId: 'e', senderId: sender, lamport: undefined, content: encodeSegmentOf('three') }),
      'dd',
    )
    await pass(60_000)
    const handle = channel.send(hello)
    let accepted = false
    void handle.accepted().then(() => (accepted = true))
    await pass(1_000)
    expect(accepted).toBe(true)
    // The other waits for what it comes after.
    expect(events.filter(({ type }) => type === 'reliable:message:received')).toHaveLength(2)
    expect(events).not.toContainEqual(expect.objectContaining({ code: 'store-failed' }))
    await channel.close()
  })
})
