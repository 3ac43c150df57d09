import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { encode, setUp } from '../../test/restarting.ts'
import type { ChannelEvent } from '../index.ts'

const toldOf = (events: readonly ChannelEvent[], requestId: string): object[] =>
  events.flatMap((event): object[] => {
    if (!('requestId' in event) || event.requestId !== requestId) return []
    const { type } = event
    if (type === 'reliable:message:delivered') return [{ type, to: event.deliveredTo, again: event.again }]
    if (type === 'reliable:message:receipt-withdrawn') return [{ type, by: event.by, to: event.deliveredTo }]
    return []
  })

/** The network remembers nothing that would be asked. */
const FORGETFUL = { retentionMs: 1 }

const copyOf = (medium: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> => new Map(medium)

describe('a receipt', () => {
  // F10
  it('goes back when an old copy of its member’s store comes back, and is there again when he has the message', async () => {
    const { pass, open } = setUp(FORGETFUL)
    const alice = await open('alice', memoryStore())
    const medium = new Map<string, Uint8Array>()
    const bob = await open('bob', memoryStore(medium))
    alice.channel.send(encode('first'))
    await pass(5_000)
    const old = copyOf(medium)
    const request = alice.channel.send(encode('second'))
    await pass(5_000)
    expect(toldOf(alice.events, request.requestId)).toEqual([
      { type: 'reliable:message:delivered', to: ['bob'], again: undefined },
    ])
    bob.kill()
    const back = await open('bob', memoryStore(old))
    await pass(300_000)
    expect(back.received).toEqual(['second'])
    expect(toldOf(alice.events, request.requestId).slice(1)).toEqual([
      { type: 'reliable:message:receipt-withdrawn', by: 'bob', to: [] },
      { type: 'reliable:message:delivered', to: ['bob'], again: true },
    ])
  })

  // F10
  it('goes back when its member’s store is gone, and he has heard of what was said since', async () => {
    const { pass, open } = setUp(FORGETFUL)
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', memoryStore())
    const request = alice.channel.send(encode('before'))
    await pass(70_000)
    bob.kill()
    const back = await open('bob', memoryStore())
    await pass(5_000)
    const next = alice.channel.send(encode('after'))
    await pass(60_000)
    expect(back.received).toEqual(['after'])
    expect(toldOf(alice.events, request.requestId).slice(1)).toEqual([
      { type: 'reliable:message:receipt-withdrawn', by: 'bob', to: [] },
    ])
    expect(toldOf(alice.events, next.requestId)).toHaveLength(1)
  })

  // F10
  it('is not given for a message whose parts its member has lost meanwhile: he is sent them again', async () => {
    const { pass, open, network } = setUp(FORGETFUL)
    const options = { segmentSizeBytes: 192 }
    const alice = await open('alice', memoryStore(), options)
    const bob = await open('bob', memoryStore(), options)
    alice.channel.send(encode('known'))
    await pass(2_000)
    const text = 'x'.repeat(1_500)
    let count = 0
    const subscription = alice.channel.outgoing$.subscribe(({ kind }) => {
      // After half of it he is not reached.
      if (kind === 'content' && ++count === 12) network.partition([['alice'], ['bob']])
    })
    const request = alice.channel.send(encode(text))
    await pass(20_000)
    subscription.unsubscribe()
    network.heal()
    await pass(150)
    expect(request.status.deliveredTo).toEqual([])
    bob.kill()
    const back = await open('bob', memoryStore(), options)
    await pass(600_000)
    expect(back.received).toContain(text)
    expect(toldOf(alice.events, request.requestId).at(-1)).toMatchObject({ to: ['bob'] })
  })
})
