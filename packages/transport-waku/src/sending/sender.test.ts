import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silent, status } from '../../test/fake-services.ts'
import { TOPIC, fakeTransport } from '../../test/fake-transport.ts'
import { inFakeTime } from '../../test/fake-time.ts'

const pass = inFakeTime()

describe('one message', () => {
  // Without a timestamp of its own `@waku/sdk` encodes it anew for each service node.
  it('has one hash whatever the number of service nodes that get it', async () => {
    const { services, send, outcomes } = fakeTransport({ confirmPeers: 3 })
    const nodes = ['one', 'two', 'three'].map((name) => services.add(name))
    const id = await send('x')
    await pass(100)
    const hashes = new Set(nodes.flatMap(({ pushes }) => pushes.map(({ hash }) => hash)))
    expect([...hashes]).toEqual([(outcomes(id)[0] as { hash: string }).hash])
    expect(nodes.map(({ pushes }) => pushes.length)).toEqual([1, 1, 1])
  })

  // autoRetry of the SDK sends again after success.
  it('is pushed once when it is taken at once', async () => {
    const { services, send } = fakeTransport()
    const [one, two] = [services.add('one'), services.add('two')]
    await send('x')
    await pass(120_000)
    expect(one.pushes.length + two.pushes.length).toBe(1)
  })

  it('differs from an equal one of the same millisecond', async () => {
    const { services, send, events } = fakeTransport()
    services.add('one')
    await send('x')
    await send('x')
    await pass(100)
    const hashes = events.flatMap((event) => (event.type === 'message-sent' ? [event.hash] : []))
    expect(new Set(hashes).size).toBe(2)
  })

  // MSG-05, MSG-06: propagated before sent, each once.
  it('is propagated, then sent, each once', async () => {
    const { services, send, events } = fakeTransport({ confirmPeers: 2 })
    services.add('one')
    services.add('two')
    await send('x')
    await pass(1000)
    expect(events.map(({ type }) => type)).toEqual(['message-propagated', 'message-sent'])
  })

  // MSG-22
  it('is told of with request id and hash, and received with hash and message', async () => {
    const { services, send, transport, events, messages } = fakeTransport({ maxAttempts: 1 })
    const node = services.add('one')
    await Promise.all([transport.subscribe(TOPIC), pass(50)])
    const requestId = await send('x')
    await pass(100)
    const { hash } = node.pushes[0]!
    expect(events).toEqual([
      { type: 'message-propagated', requestId, hash },
      { type: 'message-sent', requestId, hash },
    ])
    expect(messages).toEqual([
      {
        hash,
        contentTopic: TOPIC,
        payload: new TextEncoder().encode('x'),
        ephemeral: false,
        timestampMs: expect.any(Number),
        echoOf: { contentTopic: TOPIC, payload: new TextEncoder().encode('x'), ephemeral: false },
      },
    ])
    node.onPush = () => status(420, 'too big')
    const failed = await send('y')
    await pass(100)
    expect(events.at(-1)).toEqual({
      type: 'message-error',
      requestId: failed,
      hash: node.pushes[1]!.hash,
      error: expect.stringContaining('too big'),
      certain: true,
      cause: expect.any(Error),
    })
  })
})

describe('whatever the service nodes do', () => {
  const answers = [
    undefined,
    status(200),
    status(505),
    status(503),
    status(429),
    status(420),
    'silent',
    'cut',
  ] as const

  it('ends each request exactly once', async () => {
    const behaviour = fc.array(fc.nat(answers.length - 1), { minLength: 1, maxLength: 8 })
    const property = fc.asyncProperty(
      fc.array(behaviour, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('peers' as const, 'store' as const),
      fc.integer({ min: 1, max: 2 }),
      async (behaviours, confirm, confirmPeers) => {
        const { services, transport, send, outcomes } = fakeTransport({
          confirm,
          confirmPeers,
          giveUpMs: 30_000,
        })
        behaviours.forEach((codes, index) => {
          const node = services.add(`${index}`)
          node.onPush = () => {
            const answer = answers[codes[node.pushes.length % codes.length]!]!
            if (answer === 'silent') return silent()
            if (answer === 'cut') return Promise.reject(new Error('cut'))
            return answer
          }
        })
        const ids: string[] = []
        for (let i = 0; i < 12; i++) ids.push(await send(`${i}`, { ephemeral: i % 3 === 0 }))
        await pass(900_000)
        expect(ids.map((id) => outcomes(id).length)).toEqual(ids.map(() => 1))
        expect(transport.queued).toBe(0)
        await transport.close()
      },
    )
    await fc.assert(property, { numRuns: 25 })
  })
})
