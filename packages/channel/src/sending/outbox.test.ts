import { describe, expect, it, vi } from 'vitest'
import { createRateLimiter } from '@reliable-channels/rate-limit'
import { fromHook, none } from '@reliable-channels/encryption'
import { config } from 'rxjs'
import { fakeTransport } from '../../test/fake-transport.ts'
import { hello, openFake, team } from '../../test/open-fake.ts'
import { openChannel } from '../index.ts'

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
/** Small segments, so that 200 bytes fall into four. */
const small = { segmentSizeBytes: 192 }
const fourSegments = new Uint8Array(200).fill(7)

describe('send', () => {
  it('refuses an empty payload, and nothing happens', async () => {
    // SND-01
    const { channel, transport, events, pass } = await openFake()
    expect(() => channel.send(new Uint8Array())).toThrow(/^empty payload$/)
    await pass()
    expect(transport.sent).toEqual([])
    expect(events).toEqual([])
    expect(channel.requests).toEqual([])
    await channel.close()
  })

  it('returns a handle at once, before anything is known', async () => {
    // SND-02 SND-03 SND-04
    const { channel, transport, events } = await openFake()
    const handles = [channel.send(hello), channel.send(hello), channel.send(hello, { ephemeral: true })]
    for (const { requestId } of handles) expect(requestId).toMatch(/^[0-9a-f]{20}$/)
    expect(new Set(handles.map(({ requestId }) => requestId)).size).toBe(3)
    expect(transport.sent).toEqual([])
    expect(events).toEqual([])
    await channel.close()
  })

  it('puts content topic, marker and the ephemeral flag on each envelope', async () => {
    // SND-07 SND-12 WIR-06
    const { channel, transport, pass } = await openFake(small)
    channel.send(fourSegments)
    channel.send(hello, { ephemeral: true })
    await pass()
    expect(transport.sent).toHaveLength(5)
    for (const [index, envelope] of transport.sent.entries()) {
      expect(envelope.contentTopic).toBe(team.contentTopic)
      expect(text(envelope.meta)).toBe('RELIABLE-CHANNEL-API/1')
      expect(envelope.meta).toHaveLength(22)
      expect(envelope.ephemeral).toBe(index === 4)
    }
    await channel.close()
  })

  it('confirms a message of one segment with one event', async () => {
    // SND-13 SND-14 SND-30
    const { channel, transport, told, pass } = await openFake()
    const handle = channel.send(hello)
    await pass()
    expect(transport.sent).toHaveLength(1)
    expect(handle.status.state).toBe('sending')
    transport.confirm('m0')
    await handle.sent()
    expect(told()).toEqual([`reliable:message:sent ${handle.requestId}`])
    expect(handle.status.state).toBe('sent')
    await channel.close()
  })

  it('keeps two messages apart', async () => {
    // SND-15 SND-18
    const { channel, transport, told, pass } = await openFake()
    const first = channel.send(hello)
    const second = channel.send(hello)
    await pass()
    transport.confirm('m0')
    expect(told()).toEqual([`reliable:message:sent ${first.requestId}`])
    transport.fail('m1', 'no peers')
    expect(told().slice(1)).toEqual([
      'diagnostic:message-error no peers',
      'reliable:message:send-error one or more segments failed',
    ])
    await expect(second.sent()).rejects.toThrow('one or more segments failed')
    await channel.close()
  })

  it('ends once all segments have, however they come', async () => {
    // SND-05 SND-16 SND-17 SND-29
    const { channel, transport, told, pass, events } = await openFake(small)
    const handle = channel.send(fourSegments)
    await pass()
    expect(transport.sent).toHaveLength(4)
    transport.fail('m2')
    transport.confirm('m3', 'm0')
    expect(told()).toEqual(['diagnostic:message-error no peers'])
    expect(handle.status.segments).toMatchObject({ total: 4, released: 4, confirmed: 2, failed: 1 })
    transport.confirm('m1')
    expect(events.at(-1)).toMatchObject({
      type: 'reliable:message:send-error',
      channelId: 'team',
      requestId: handle.requestId,
      error: 'one or more segments failed',
    })
    await channel.close()
  })

  it('ignores outcomes that are not its own', async () => {
    // SND-19
    const { channel, transport, events, pass } = await openFake()
    channel.send(hello)
    await pass()
    transport.confirm('elsewhere')
    transport.fail('elsewhere')
    transport.confirm('m0', 'm0')
    transport.fail('m0')
    expect(events.map(({ type }) => type)).toEqual(['reliable:message:sent'])
    await channel.close()
  })

  it('has one entry for each segment before the limiter sees any, in their order', async () => {
    // SND-06 RTL-01 RTL-02
    const { channel, transport, pass } = await openFake({
      ...small,
      rateLimit: { enabled: true, epochMs: 1000, messagesPerEpoch: 1 },
    })
    const handle = channel.send(fourSegments)
    await pass(0)
    expect(handle.status.segments).toMatchObject({ total: 4, released: 1 })
    await pass(3000)
    expect(handle.status.segments.released).toBe(4)
    const order: string[] = []
    for (const { payload } of transport.sent) order.push(String(payload.length))
    expect(transport.sent).toHaveLength(4)
    expect(order.at(-1)).not.toBe(order[0]) // the short last segment left last
    await channel.close()
  })

  it('does not mistake frames that another channel has released for its own', async () => {
    // SND-10
    const limiter = createRateLimiter()
    const a = await openFake({ rateLimit: limiter })
    const b = await openFake({ rateLimit: limiter, channelId: 'other' })
    const handle = a.channel.send(hello)
    b.channel.send(hello)
    b.channel.send(hello)
    await a.pass()
    await b.pass()
    expect([a.transport.sent.length, b.transport.sent.length]).toEqual([1, 2])
    b.transport.confirm('m0', 'm1')
    expect(handle.status.state).toBe('sending')
    await a.channel.close()
    await b.channel.close()
    limiter.close()
  })

  it('finalises a message whose segments all failed on the spot, without any event of the transport', async () => {
    // SND-28 ERR-01 ERR-04
    const { channel, events, pass } = await openFake({
      ...small,
      sendHandler: () => Promise.reject(new Error('no route')),
    })
    const handle = channel.send(fourSegments)
    await pass()
    expect(events.slice(0, 4)).toEqual(
      Array.from({ length: 4 }, () => ({
        type: 'diagnostic:message-error',
        channelId: 'team',
        requestId: handle.requestId,
        messageHash: '',
        error: 'messaging send failed: no route',
        cause: expect.any(Error) as Error,
      })),
    )
    expect(events.slice(4).map(({ type }) => type)).toEqual(['reliable:message:send-error'])
    await channel.close()
  })

  it('survives a handler that throws', async () => {
    // ERR-02
    const { channel, told, pass } = await openFake({
      sendHandler: () => {
        throw new Error('socket gone')
      },
    })
    channel.send(hello)
    await pass()
    expect(told()).toEqual([
      'diagnostic:message-error messaging send failed: messaging send raised: socket gone',
      'reliable:message:send-error one or more segments failed',
    ])
    await channel.close()
  })

  it('fails the segment that cannot be encrypted and goes on with its siblings', async () => {
    // ENC-02 ERR-04
    let calls = 0
    const cipher = fromHook(
      {
        encrypt: (bytes) => {
          if (calls++ === 1) throw new Error('no key')
          return Uint8Array.of(1, ...bytes)
        },
        decrypt: (bytes) => bytes,
      },
      { overheadBytes: 1 },
    )
    const { channel, transport, told, events, pass } = await openFake({ ...small, cipher })
    const handle = channel.send(fourSegments)
    await pass()
    expect(transport.sent).toHaveLength(3)
    transport.confirm('m0', 'm1', 'm2')
    expect(events[0]).toMatchObject({
      requestId: handle.requestId,
      messageHash: '',
      error: 'encryption failed: no key',
    })
    expect(told().slice(1)).toEqual(['reliable:message:send-error one or more segments failed'])
    await channel.close()
  })

  it('reports each message when several fail in one batch', async () => {
    // ERR-05 ERR-06
    const cipher = fromHook(
      { encrypt: () => Promise.reject(new Error('locked')), decrypt: (bytes) => bytes },
      { overheadBytes: 1 },
    )
    const { channel, events, pass } = await openFake({ cipher })
    const handles = [channel.send(hello), channel.send(hello)]
    await pass()
    const errors = events.flatMap((event) =>
      event.type === 'reliable:message:send-error' ? [event.requestId] : [],
    )
    expect(errors).toEqual(handles.map(({ requestId }) => requestId))
    await channel.close()
  })

  it('encrypts at release, with the key then in force', async () => {
    // ENC-01 ENC-03
    let key = 1
    const cipher = fromHook(
      { encrypt: (bytes) => Uint8Array.of(key, ...bytes), decrypt: (bytes) => bytes.subarray(1) },
      { overheadBytes: 1 },
    )
    const { channel, transport, pass } = await openFake({
      ...small,
      cipher,
      rateLimit: { enabled: true, epochMs: 1000, messagesPerEpoch: 2 },
    })
    channel.send(fourSegments)
    await pass(0)
    key = 2
    await pass(1000)
    expect(transport.sent.map(({ payload }) => payload[0])).toEqual([1, 1, 2, 2])
    await channel.close()
  })

  it('sends plaintext when told so', async () => {
    // ENC-05
    const clear = await openFake({ randomBytes: (length) => new Uint8Array(length) })
    const noop = await openFake({ randomBytes: (length) => new Uint8Array(length), cipher: none() })
    for (const { channel, pass } of [clear, noop]) {
      channel.send(hello)
      await pass()
    }
    expect(text(noop.transport.sent[0]?.payload)).toContain('hello')
    expect(noop.transport.sent[0]?.payload).toEqual(clear.transport.sent[0]?.payload)
    await clear.channel.close()
    await noop.channel.close()
  })

  it('fails a message that the network says nothing of', async () => {
    const { channel, told, pass } = await openFake({
      dispatchTimeoutMs: 1000,
      sds: { acknowledgementTimeoutMs: 60_000 },
    })
    channel.send(hello)
    await pass(1100)
    expect(told()).toEqual([
      'diagnostic:message-error no outcome within 1000 ms',
      'reliable:message:send-error one or more segments failed',
    ])
    await channel.close()
  })

  it('counts an outcome that comes too late, flagged, and says before that it is not certain', async () => {
    // F15
    const { channel, transport, events, pass } = await openFake({ sds: { maxRetransmissions: 0 } })
    const handle = channel.send(hello)
    await pass(59_900)
    const sent = handle.sent().catch((error: unknown) => error)
    await pass(200)
    expect(await sent).toMatchObject({
      code: 'ERR_SEND_FAILED',
      certain: false,
      cause: { message: 'no outcome within 60000 ms' },
    })
    transport.confirm('m0')
    await pass()
    expect(events.filter(({ type }) => type.startsWith('reliable:'))).toMatchObject([
      { type: 'reliable:message:send-error', certain: false },
      { type: 'reliable:message:sent', late: true },
    ])
    expect(handle.status.segments).toMatchObject({ confirmed: 1, failed: 0 })
    await channel.close()
  })

  it('waits as long as the transport may take, from when it has accepted the message', async () => {
    // F15
    const transport = Object.assign(fakeTransport(), { outcomeWithinMs: 90_000 })
    const { channel, told, pass } = await openFake({ transport, sds: { maxRetransmissions: 0 } })
    const accepted = Promise.withResolvers<void>()
    transport.onSend = async (_, id) => {
      await accepted.promise
      return id
    }
    const handle = channel.send(hello)
    await pass(60_000)
    accepted.resolve()
    await pass(89_000)
    expect(told()).toEqual([])
    transport.fail('m0', 'nobody took it')
    await pass()
    const failure = await handle.sent().catch((error: unknown) => error)
    expect(failure).toMatchObject({ cause: { message: 'nobody took it' }, certain: false })
    await channel.close()
  })

  it('waits for an acknowledgement from when the network has a message, however long the transport kept it', async () => {
    const { channel, transport, pass } = await openFake({ sds: { acknowledgementTimeoutMs: 5_000 } })
    const copies: string[] = []
    channel.outgoing$.subscribe(({ kind }) => kind !== 'sync' && copies.push(kind))
    channel.send(hello)
    await pass(30_000)
    expect(copies).toEqual(['content'])
    transport.events$.next({ type: 'message-propagated', requestId: 'm0', hash: 'hash-m0' })
    await pass(3_000)
    transport.confirm('m0')
    await pass(1_900)
    expect(copies).toEqual(['content'])
    await pass(200)
    expect(copies).toEqual(['content', 'retransmission'])
    await channel.close()
  })

  it('says what would fit when a payload does not', async () => {
    const { channel } = await openFake(small)
    expect(() => channel.send(new Uint8Array(256 * 64 + 1))).toThrow(
      /16384 bytes.*segmentSizeBytes of at least 256/,
    )
    await channel.close()
  })

  it('refuses what exceeds its queue, and says when there is room again', async () => {
    const { channel, transport, pass } = await openFake({ maxOpenRequests: 1 })
    channel.send(hello)
    expect(() => channel.send(hello)).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }) as Error)
    let ready = false
    void channel.ready().then(() => (ready = true))
    await pass()
    expect(ready).toBe(false)
    transport.confirm('m0')
    await pass()
    expect(ready).toBe(true)
    channel.send(hello)
    await channel.close()
  })

  it('tells about when a message that waits will leave', async () => {
    const { channel, pass } = await openFake({
      rateLimit: { enabled: true, epochMs: 10_000, messagesPerEpoch: 1 },
    })
    channel.send(hello)
    const waits = channel.send(hello)
    await pass(0)
    expect(waits.status).toMatchObject({ state: 'queued', segments: { total: 1, released: 0 } })
    expect(waits.status.estimatedMs).toBeGreaterThan(0)
    expect(waits.status.estimatedMs).toBeLessThanOrEqual(10_000)
    await pass(10_000)
    expect(waits.status.state).toBe('sending')
    expect(waits.status.estimatedMs).toBeUndefined()
    await channel.close()
  })

  it('ends, saying why, when the transport dies', async () => {
    const { channel, transport, pass, told } = await openFake()
    const handle = channel.send(hello)
    await pass()
    let error: unknown
    channel.incoming$.subscribe({ error: (reason: unknown) => (error = reason) })
    const outcome = expect(handle.delivered()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    transport.messages$.error(new Error('the node has stopped'))
    expect(error).toMatchObject({ message: 'the node has stopped' })
    await outcome
    expect(told()).toEqual(['diagnostic '])
    expect(() => channel.send(hello)).toThrow(
      expect.objectContaining({ code: 'ERR_CHANNEL_CLOSED' }) as Error,
    )
  })

  it('takes back a message that waits, and not one that has left', async () => {
    const { channel, transport, pass, told } = await openFake({
      rateLimit: { enabled: true, epochMs: 1000, messagesPerEpoch: 1 },
    })
    const first = channel.send(hello)
    const second = channel.send(hello)
    await pass(0)
    expect(first.cancel()).toBe('too-late')
    expect(second.cancel()).toBe('cancelled')
    await expect(second.sent()).rejects.toThrow('cancelled')
    expect(told()).toEqual(['reliable:message:send-error cancelled'])
    await pass(3000)
    expect(transport.sent).toHaveLength(1)
    await channel.close()
  })

  it('does not take back a message that a later one follows', async () => {
    const { channel, pass } = await openFake({
      rateLimit: { enabled: true, epochMs: 1000, messagesPerEpoch: 1 },
    })
    const [, second, third] = [channel.send(hello), channel.send(hello), channel.send(hello)]
    await pass(0)
    expect(second.cancel()).toBe('too-late')
    expect(third.cancel()).toBe('cancelled')
    expect(second.cancel()).toBe('cancelled')
    await channel.close()
  })

  it('takes a message back when its signal aborts', async () => {
    const { channel, transport, pass } = await openFake()
    const abort = new AbortController()
    const handle = channel.send(hello, { signal: abort.signal })
    abort.abort()
    await expect(handle.sent()).rejects.toThrow('cancelled')
    expect(() => channel.send(hello, { signal: abort.signal })).toThrow('aborted')
    await pass()
    expect(transport.sent).toEqual([])
    await channel.close()
  })

  it('tells an ephemeral sender that nobody acknowledges', async () => {
    const { channel, transport, pass } = await openFake()
    const handle = channel.send(hello, { ephemeral: true })
    await expect(handle.delivered()).rejects.toMatchObject({ code: 'ERR_UNTRACKED' })
    await pass()
    transport.confirm('m0')
    await handle.sent()
    expect(channel.requests).toEqual([])
    await channel.close()
  })

  it('is not broken by a listener that throws', async () => {
    // ERR-12
    const { channel, transport, pass, told } = await openFake()
    const thrown: unknown[] = []
    config.onUnhandledError = (error) => thrown.push(error)
    channel.events$.subscribe(() => {
      throw new Error('a bug of the application')
    })
    const handle = channel.send(hello)
    await pass()
    transport.confirm('m0')
    await handle.sent()
    // RxJS reports it from a timer of its own.
    await vi.waitFor(() => expect(thrown).toHaveLength(1))
    config.onUnhandledError = null
    expect(told()).toEqual([`reliable:message:sent ${handle.requestId}`])
    await channel.close()
  })

  it('fails what is open when it closes, and sends nothing more', async () => {
    // PER-20
    const { channel, transport, scheduler, pass } = await openFake()
    const handle = channel.send(hello)
    await pass()
    const outcome = expect(handle.delivered()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await channel.close()
    await channel.close()
    await outcome
    expect(() => channel.send(hello)).toThrow(
      expect.objectContaining({ code: 'ERR_CHANNEL_CLOSED' }) as Error,
    )
    expect(await scheduler.run()).toBe(false)
    expect(transport.sent).toHaveLength(1)
  })

  it('names the option that is wrong', async () => {
    const { transport } = await openFake()
    await expect(openChannel({ ...team, transport, senderId: '' })).rejects.toThrow(
      '"senderId" expected a non-empty string, got ""',
    )
    await expect(openChannel({ ...team, transport, channelId: '\ud800' })).rejects.toThrow(
      '"channelId" expected well-formed text',
    )
    await expect(openChannel({ ...team, transport, maxOpenRequests: 0.5 })).rejects.toThrow(
      '"maxOpenRequests" expected an integer',
    )
    await expect(openChannel({ ...team, transport, segmentSizeBytes: 149_000 })).rejects.toThrow(
      'segmentSizeBytes',
    )
  })
})
