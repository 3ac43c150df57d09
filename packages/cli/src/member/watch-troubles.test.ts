import { typed } from '@reliable-channels/messages'
import {
  type SimulatedNetwork,
  type VirtualTime,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { testHost } from '../../test/test-host.ts'
import { placeOfChannel } from '../channel-name.ts'
import { createOutput } from '../output.ts'
import { openOn } from './open-on.ts'
import { parcelCodec } from '@reliable-channels/messages/parcel'
import { watchTroubles } from './watch-troubles.ts'

const place = placeOfChannel('lobby')
const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)

/** A member whose troubles are told, and the network in virtual time. */
async function watched(key?: Uint8Array): Promise<{
  network: SimulatedNetwork
  time: VirtualTime
  warnings: () => Record<string, unknown>[]
}> {
  const time = virtualTime({ startMs: 0 })
  const network = simulatedNetwork({ scheduler: time })
  const channel = await openOn(
    network.peer('alice'),
    { place, name: 'alice', ...(key && { key }) },
    { scheduler: time },
  )
  const chat = typed(channel, parcelCodec, { scheduler: time })
  chat.incoming$.subscribe()
  const host = testHost()
  const identity = {
    place,
    name: 'alice',
    historyMs: 0,
    ...(key && { key, keyId: 'aaaaaaaa' }),
    [Symbol.asyncDispose]: async () => {},
  }
  watchTroubles({ channel, chat, identity }, createOutput(host, true))
  return {
    network,
    time,
    warnings: () => host.events().map(({ code, state, message }) => ({ code, state, message })),
  }
}

describe('watchTroubles', () => {
  it('says once of each who sends something else than messages of rc', async () => {
    const { network, time, warnings } = await watched()
    const bob = await openOn(network.peer('bob'), { place, name: 'bob' }, { scheduler: time })
    for (const text of ['plain', 'text']) bob.send(new TextEncoder().encode(text))
    await time.advance(10_000)
    expect(warnings()).toEqual([
      {
        code: 'undecodable',
        message: "what bob sends is none of rc's: another application, or a later version",
      },
    ])
  })

  it('says that messages come which the key does not open, or that there is none', async () => {
    for (const [key, told] of [
      [keyOf(1), 'messages come that your key aaaaaaaa does not open'],
      [undefined, 'messages come that are sealed, and you have no key'],
    ] as const) {
      const { network, time, warnings } = await watched(key)
      const bob = await openOn(
        network.peer('bob'),
        { place, name: 'bob', key: keyOf(2) },
        { scheduler: time },
      )
      for (let i = 0; i < 5; i++) bob.send(Uint8Array.of(i))
      await time.advance(60_000)
      expect(warnings()).toMatchObject([{ code: 'unreadable', message: expect.stringContaining(told) }])
    }
  })

  it('says that somebody has the same name', async () => {
    const { network, time, warnings } = await watched()
    const other = await openOn(network.peer('other'), { place, name: 'alice' }, { scheduler: time })
    other.send(Uint8Array.of(1))
    await time.advance(10_000)
    expect(warnings()).toMatchObject([
      { code: 'own-message', message: expect.stringContaining('somebody is called alice') },
    ])
  })

  it('says why the network is away, and when it is back', async () => {
    const { network, time, warnings } = await watched()
    network.peer('alice').disconnect()
    await time.advance(1_000)
    network.peer('alice').connect()
    await time.advance(1_000)
    expect(warnings()).toMatchObject([
      { state: 'disconnected' },
      { code: 'disconnected', message: expect.stringContaining('cut off') },
      { state: 'connected' },
    ])
  })
})
