import { TransportClosedError } from '@reliable-channels/transport'
import { describe, expect, it, vi } from 'vitest'
import { silent } from '../../test/fake-services.ts'
import { TOPIC, fakeTransport } from '../../test/fake-transport.ts'
import { inFakeTime } from '../../test/fake-time.ts'

const pass = inFakeTime()

describe('waiting', () => {
  // MSG-01: a request is accepted with no peers at all.
  it('keeps what is sent before a service node is there, and sends it then', async () => {
    const { services, send, outcomes } = fakeTransport()
    const id = await send('x')
    await pass(30_000)
    expect(outcomes(id)).toEqual([])
    services.add('one')
    await pass(100)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('gives up what nobody could take for giveUpMs', async () => {
    const { send, outcomes } = fakeTransport({ giveUpMs: 20_000 })
    const id = await send('x')
    await pass(19_999)
    expect(outcomes(id)).toEqual([])
    await pass(2)
    expect(outcomes(id)).toMatchObject([
      { type: 'message-error', error: expect.stringContaining('20000 ms') },
    ])
  })

  it('leaves no timer when it is closed by whoever is told that a message was given up', async () => {
    const fake = fakeTransport({ giveUpMs: 1000 })
    const ids = [await fake.send('a')]
    await pass(500)
    ids.push(await fake.send('b'))
    fake.transport.events$.subscribe(() => void fake.transport.close())
    await pass(600)
    expect(fake.events.map(({ requestId }) => requestId)).toEqual(ids)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives up after giveUpMs when fewer service nodes than asked for took it', async () => {
    const { services, send, outcomes } = fakeTransport({ confirmPeers: 2, giveUpMs: 20_000 })
    services.add('only')
    const id = await send('x')
    await pass(30_000)
    expect(outcomes(id)).toMatchObject([
      { type: 'message-error', error: '1 of 2 service nodes took the message' },
    ])
  })

  it('ends all requests once when the node is stopped, and works again when it is started', async () => {
    const { services, send, outcomes, events } = fakeTransport()
    services.add('one').delayMs = 500
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push(await send(`${i}`))
    await pass(100)
    services.setStarted(false)
    await pass(60_000)
    expect(ids.map((id) => outcomes(id).map(({ type }) => type))).toEqual(ids.map(() => ['message-error']))
    services.setStarted(true)
    const late = await send('late')
    await pass(10_000)
    expect(outcomes(late)).toMatchObject([{ type: 'message-sent' }])
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(1)
  })

  it('ends all requests once when it is closed, and takes no more', async () => {
    const { services, transport, send, outcomes } = fakeTransport()
    services.add('one').onPush = silent
    const ids = [await send('1'), await send('2')]
    await pass(100)
    const closed = transport.close()
    // Requests that are under way may still be answered.
    await pass(1_000)
    expect(ids.map((id) => outcomes(id).map(({ type }) => type))).toEqual([
      ['message-error'],
      ['message-error'],
    ])
    await closed
    await expect(send('3')).rejects.toBeInstanceOf(TransportClosedError)
    await expect(transport.subscribe(TOPIC)).rejects.toBeInstanceOf(TransportClosedError)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets a push end that is under way when it is closed, and begins no other', async () => {
    const { services, transport, send, outcomes } = fakeTransport()
    const node = services.add('one')
    node.delayMs = 500
    const last = await send('the last word of a channel')
    await pass(10)
    const closed = transport.close()
    await expect(send('too late')).rejects.toBeInstanceOf(TransportClosedError)
    await pass(500)
    await closed
    expect(outcomes(last)).toMatchObject([{ type: 'message-sent' }])
    expect(node.pushes).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('accepts requests as fast as service nodes take them once maxAccepted wait, in order, and loses none', async () => {
    const { services, transport, send, outcomes, events } = fakeTransport({ maxAccepted: 4 })
    const ids: string[] = []
    const accepted = Array.from({ length: 40 }, (_, i) => send(`${i}`).then((id) => ids.push(id)))
    await pass(1000)
    expect([ids.length, transport.queued]).toEqual([4, 40])
    services.add('one')
    await pass(2200)
    // Five at once and three a second were taken, and four are accepted beyond them.
    expect(ids).toHaveLength(5 + 6 + 4)
    await pass(20_000)
    await Promise.all(accepted)
    expect(ids.flatMap(outcomes).map(({ requestId }) => requestId)).toEqual(ids)
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(40)
    expect(transport.queued).toBe(0)
  })

  it('rejects what is not yet accepted when it is closed', async () => {
    const { transport, send } = fakeTransport({ maxAccepted: 1 })
    await send('accepted')
    const waiting = send('waiting')
    const rejected = expect(waiting).rejects.toBeInstanceOf(TransportClosedError)
    await transport.close()
    await rejected
    expect(transport.queued).toBe(0)
  })

  it('rejects what would be accepted in the moment in which it is closed', async () => {
    const { services, transport, send, events } = fakeTransport({ maxAccepted: 1 })
    services.add('one')
    await send('first')
    const second = send('second')
    const rejected = expect(second).rejects.toBeInstanceOf(TransportClosedError)
    transport.events$.subscribe(({ type }) => type === 'message-propagated' && void transport.close())
    await pass(100)
    await rejected
    expect(events.map(({ type }) => type)).toEqual(['message-propagated', 'message-sent'])
    expect(transport.queued).toBe(0)
  })

  it('refuses more than maxQueued requests or maxQueuedBytes of payload, and takes more when some have ended', async () => {
    const { services, transport, send } = fakeTransport({ maxQueued: 3, maxQueuedBytes: 100 })
    await send('1')
    await send('2')
    await expect(send('x'.repeat(99))).rejects.toMatchObject({ code: 'ERR_SEND_QUEUE_FULL' })
    await send('3')
    await expect(send('4')).rejects.toMatchObject({ code: 'ERR_SEND_QUEUE_FULL' })
    expect(transport.queued).toBe(3)
    services.add('one')
    await pass(2000)
    expect(transport.queued).toBe(0)
    await send('4')
  })

  it('refuses what the network cannot carry before it is accepted', async () => {
    const { transport } = fakeTransport()
    const envelope = {
      contentTopic: TOPIC,
      ephemeral: false,
      payload: new Uint8Array(transport.maxMessageBytes + 1),
    }
    await expect(transport.send(envelope)).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE' })
    const long = {
      ...envelope,
      payload: new Uint8Array(transport.maxMessageBytes),
      contentTopic: `/${'x'.repeat(1000)}`,
    }
    await expect(transport.send(long)).rejects.toMatchObject({ code: 'ERR_INVALID_ENVELOPE' })
  })
})
