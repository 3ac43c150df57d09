import { describe, expect, it } from 'vitest'
import { TOPIC, fakeTransport } from '../../test/fake-transport.ts'
import { status } from '../../test/fake-services.ts'
import { inFakeTime } from '../../test/fake-time.ts'

const pass = inFakeTime()

describe('505', () => {
  it('is settled by a store: there it is', async () => {
    const { services, send, outcomes } = fakeTransport()
    const node = services.add('one')
    node.onPush = (request) => {
      const { hash } = node.pushes.at(-1)!
      void request
      setTimeout(
        () =>
          node.store.set(hash, {
            contentTopic: TOPIC,
            payload: new Uint8Array(1),
            ephemeral: false,
            timestampNs: 1n,
          }),
        300,
      )
      return status(505)
    }
    const id = await send('x')
    await pass(2000)
    expect(node.pushes).toHaveLength(1)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('is settled by a store: there it is not, so that others are asked', async () => {
    const { services, send, outcomes } = fakeTransport()
    const alone = services.add('alone')
    alone.onPush = () => status(505)
    const id = await send('x')
    await pass(1000)
    services.add('meshed')
    await pass(5000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('after a push that another service node took means that it is there already', async () => {
    const { services, send, outcomes } = fakeTransport({ confirmPeers: 2 })
    const nodes = [services.add('one', ['lightPush']), services.add('two', ['lightPush'])]
    for (const node of nodes) {
      node.onPush = () => (nodes.every(({ pushes }) => pushes.length > 0) ? status(505) : undefined)
    }
    const id = await send('x')
    await pass(200)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  // Own messages come back through the filter; here that is proof.
  it('of an ephemeral message, which no store has, is settled by its coming back', async () => {
    const { services, send, transport, outcomes } = fakeTransport()
    const node = services.add('alone')
    await Promise.all([transport.subscribe(TOPIC), pass(100)])
    node.onPush = ({ message }) => {
      services.deliver(message)
      return status(505)
    }
    const id = await send('x', { ephemeral: true })
    await pass(1000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect(node.pushes).toHaveLength(1)
  })

  it('without any sign of the message ends in an error after the last attempt', async () => {
    const { services, send, outcomes } = fakeTransport({ maxAttempts: 3 })
    services.add('alone').onPush = () => status(505)
    const id = await send('x')
    await pass(60_000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-error', error: expect.stringContaining('nobody') }])
  })

  it('asks for all messages in doubt at once', async () => {
    const { services, send } = fakeTransport({ pushesPerSecond: Infinity, pushBurst: 100, maxAttempts: 1 })
    const node = services.add('alone')
    node.onPush = () => status(505)
    for (let i = 0; i < 30; i++) await send(`${i}`)
    await pass(100)
    expect(node.queries.map(({ hashes }) => hashes?.length)).toEqual([30])
  })
})

describe('confirmation by the store', () => {
  // MSG-24: a message counts once a store has it.
  it('says sent once a store has the message', async () => {
    const { services, send, events } = fakeTransport({ confirm: 'store' })
    const node = services.add('one')
    node.keepsNothing = true
    await send('x')
    await pass(3000)
    expect(events.map(({ type }) => type)).toEqual(['message-propagated'])
    const { hash } = node.pushes[0]!
    node.store.set(hash, {
      contentTopic: TOPIC,
      payload: new Uint8Array(1),
      ephemeral: false,
      timestampNs: 1n,
    })
    await pass(3000)
    expect(events.map(({ type }) => type)).toEqual(['message-propagated', 'message-sent'])
  })

  // MSG-07, MSG-08: it always ends, with no store and with a store that never has it.
  it.each([true, false])(
    'falls back to the service nodes after confirmStoreMs (a store there: %s)',
    async (hasStore) => {
      const { services, send, outcomes, diagnosed } = fakeTransport({
        confirm: 'store',
        confirmStoreMs: 8000,
      })
      services.add('one', hasStore ? ['lightPush', 'store'] : ['lightPush']).keepsNothing = true
      const id = await send('x')
      await pass(7900)
      expect(outcomes(id)).toEqual([])
      await pass(300)
      expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
      expect(diagnosed('store-unconfirmed')).toMatchObject([{ requestId: id }])
    },
  )

  it('pushes once more, elsewhere, when a service node lost what it took', async () => {
    const { services, send, outcomes, diagnosed } = fakeTransport({
      confirm: 'store',
      confirmStoreMs: 10_000,
    })
    const [one, two] = [services.add('one'), services.add('two')]
    one.keepsNothing = true
    one.deliversNothing = true
    two.services.delete('lightPush')
    const id = await send('x')
    await pass(1000)
    two.services.add('lightPush')
    await pass(9500)
    expect([one.pushes.length, two.pushes.length]).toEqual([1, 1])
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect(diagnosed('store-unconfirmed')).toEqual([])
  })

  it('falls back to the service nodes too when there is no other to push to, however long it waited before', async () => {
    const { services, send, outcomes } = fakeTransport({ confirm: 'store', giveUpMs: 5000 })
    const id = await send('x')
    await pass(4000)
    services.add('one').keepsNothing = true
    await pass(25_000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('falls back to the service nodes too when others refuse it, or all of them go', async () => {
    const { services, send, outcomes } = fakeTransport({
      confirm: 'store',
      giveUpMs: 1000,
      maxAttempts: 3,
    })
    services.add('one').keepsNothing = true
    const ids = [await send('x')]
    await pass(1000)
    const two = services.add('two')
    two.keepsNothing = true
    two.onPush = () => status(420, 'Message size exceeded')
    await pass(25_000)
    ids.push(await send('y'))
    await pass(100)
    services.remove('one')
    services.remove('two')
    await pass(25_000)
    for (const id of ids) expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  // EPH-04: an ephemeral message is in no store and ends all the same.
  it('does not wait for a store with an ephemeral message', async () => {
    const { services, send, outcomes } = fakeTransport({ confirm: 'store' })
    services.add('one')
    const id = await send('x', { ephemeral: true })
    await pass(100)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })
})
