import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import type { ChannelEvent } from '../index.ts'
import { dump, encode, setUp } from '../../test/restarting.ts'

/** The ends of a request that were told; those that were told again after a restart are left out. */
const terminal = (events: readonly ChannelEvent[], requestId: string): string[] =>
  events.flatMap((event) =>
    'requestId' in event && event.requestId === requestId && 'redelivered' in event && !event.redelivered
      ? [event.type]
      : [],
  )

describe('after the process was killed', () => {
  it('an accepted message that never left is sent, and ends as it would have', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const alice = await open('alice', disk, {
      rateLimit: { enabled: true, epochMs: 60_000, messagesPerEpoch: 1 },
    })
    const bob = await open('bob', memoryStore())
    alice.channel.send(encode('first'))
    const handle = alice.channel.send(encode('waits for the next epoch'))
    const accepted = handle.accepted()
    await pass(100)
    await accepted
    expect(bob.received).toEqual(['first'])
    alice.kill()

    const again = await open('alice', disk)
    const resumed = again.channel.request(handle.requestId)
    expect(resumed?.status.state).toBe('queued')
    await pass(60_000)
    expect(bob.received).toEqual(['first', 'waits for the next epoch'])
    expect(terminal(again.events, handle.requestId)).toEqual([
      'reliable:message:sent',
      'reliable:message:delivered',
    ])
    expect(again.channel.requests).toEqual([])
    again.kill()
    bob.kill()
  })

  it('every request ends in one dispatch and one delivery event, whenever the process died', async () => {
    for (let killAtMs = 0; killAtMs < 9_000; killAtMs += 450) {
      const { open, pass } = setUp({ loss: 0.2, seed: killAtMs + 1 })
      const disk = memoryStore()
      const alice = await open('alice', disk, { segmentSizeBytes: 192 })
      const bob = await open('bob', memoryStore(), { segmentSizeBytes: 192 })
      const texts = ['one', 'two'.repeat(50), 'three']
      const handles = texts.map((text) => alice.channel.send(encode(text)))
      await Promise.all([...handles.map((handle) => handle.accepted()), pass(0)])
      await pass(killAtMs)
      alice.kill()
      const again = await open('alice', disk, { segmentSizeBytes: 192 })
      await pass(600_000)
      expect(bob.received, `killed at ${killAtMs}`).toEqual(texts)
      for (const { requestId } of handles) {
        const told = [...terminal(alice.events, requestId), ...terminal(again.events, requestId)].sort()
        expect(told, `killed at ${killAtMs}`).toEqual(['reliable:message:delivered', 'reliable:message:sent'])
      }
      again.kill()
      bob.kill()
    }
  })

  it('how a request ended is told again when the process died in the handler, flagged', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const alice = await open('alice', disk)
    const bob = await open('bob', memoryStore())
    const handle = alice.channel.send(encode('hello'))
    // The handler does not return: the process ends in it, or before it.
    alice.channel.events$.subscribe(({ type }) => {
      if (type === 'reliable:message:delivered') alice.kill()
    })
    await pass(5_000)
    const told = alice.events.map(({ type }) => type)
    expect(told).toContain('reliable:message:delivered')
    const again = await open('alice', disk)
    await pass(100)
    const outcomes = again.events.filter(
      (event) => 'requestId' in event && event.requestId === handle.requestId,
    )
    expect(outcomes).toEqual([
      expect.objectContaining({ type: 'reliable:message:sent', redelivered: true }),
      expect.objectContaining({ type: 'reliable:message:delivered', redelivered: true }),
    ])
    expect(again.channel.requests).toEqual([])
    await pass(100)
    again.kill()
    const third = await open('alice', disk)
    await pass(5_000)
    expect(third.events.filter((event) => 'requestId' in event)).toEqual([])
    third.kill()
    bob.kill()
  })

  it('nothing that was delivered is delivered again, and what was parked is', async () => {
    // PER-07 PER-10
    const { open, pass, network } = setUp()
    const disk = memoryStore()
    const aloof = { sds: { repair: { enabled: false }, periodicSyncMs: 0 } }
    const alice = await open('alice', memoryStore(), aloof)
    const bob = await open('bob', disk, aloof)
    Object.defineProperties(bob.peer, { fetch: { value: undefined } })
    alice.channel.send(encode('1'))
    await pass(3_000)
    network.partition([['alice'], ['bob']])
    alice.channel.send(encode('2'))
    await pass(100)
    network.heal()
    alice.channel.send(encode('3'))
    await pass(100)
    expect(bob.received).toEqual(['1'])
    bob.kill()
    const again = await open('bob', disk, aloof)
    await pass(120_000)
    expect(again.received).toEqual(['2', '3'])
    alice.kill()
    again.kill()
  })

  it('a message that had arrived in part is put together from what was kept', async () => {
    // SEG-39
    const { open, pass, network } = setUp()
    const disk = memoryStore()
    const small = { segmentSizeBytes: 192, rateLimit: { enabled: true, epochMs: 1_000, messagesPerEpoch: 2 } }
    const alice = await open('alice', memoryStore(), small)
    const bob = await open('bob', disk)
    const text = 'x'.repeat(500)
    alice.channel.send(encode(text))
    await pass(2_100)
    bob.kill()
    const before = network.stats.delivered
    const again = await open('bob', disk)
    await pass(120_000)
    expect(again.received).toEqual([text])
    expect(before).toBeGreaterThan(0)
    alice.kill()
    again.kill()
  })

  it('a message whose record in SDS was damaged ends with an error that says so, and the others go on', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const aloof = { sds: { periodicSyncMs: 0 } }
    const alice = await open('alice', disk, aloof)
    const handles = ['one', 'two', 'three'].map((text) => alice.channel.send(encode(text)))
    await Promise.all([...handles.map((handle) => handle.accepted()), pass(100)])
    alice.kill()
    const keys = [...(await dump(disk)).keys()].filter((key) => key.includes('/sds/log/')).sort()
    expect(keys).toHaveLength(3)
    await disk.write([{ key: keys[1]!, value: Uint8Array.of(0xff, 1, 2) }])
    const again = await open('alice', disk, aloof)
    const damaged = again.channel.request(handles[1]!.requestId)!
    const outcome = expect(damaged.delivered()).rejects.toThrow(/it is damaged in the store/)
    await pass(100)
    await outcome
    expect(damaged.status).toMatchObject({ state: 'delivery-failed', error: expect.any(String) as string })
    expect(again.events).toContainEqual(
      expect.objectContaining({
        type: 'reliable:message:delivery-error',
        requestId: handles[1]!.requestId,
        error: 'it is damaged in the store, and cannot be sent again',
      }),
    )
    expect(terminal([...alice.events, ...again.events], handles[1]!.requestId)).toHaveLength(2)
    expect(again.events).toContainEqual(
      expect.objectContaining({
        code: 'store-corrupt',
        detail: expect.objectContaining({ key: keys[1]!.split('/sds/')[1] }) as object,
      }),
    )
    expect(again.channel.requests).toHaveLength(2)
    const bob = await open('bob', memoryStore())
    await pass(60_000)
    expect(again.channel.requests).toEqual([])
    for (const index of [0, 2]) {
      expect(terminal([...alice.events, ...again.events], handles[index]!.requestId)).toContain(
        'reliable:message:delivered',
      )
    }
    again.kill()
    bob.kill()
  })

  // X10
  it('a message of which SDS has lost where it was with it is sent again', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const alice = await open('alice', disk)
    const handles = ['one', 'two', 'three'].map((text) => alice.channel.send(encode(text)))
    await Promise.all([...handles.map((handle) => handle.accepted()), pass(100)])
    alice.kill()
    const keys = [...(await dump(disk)).keys()].filter((key) => key.includes('/sds/out/')).sort()
    expect(keys).toHaveLength(3)
    await disk.write([{ key: keys[1]!, value: Uint8Array.of(0xff, 1, 2) }])
    const again = await open('alice', disk)
    const bob = await open('bob', memoryStore())
    await pass(60_000)
    expect(bob.received).toEqual(['one', 'two', 'three'])
    expect(again.channel.requests).toEqual([])
    again.kill()
    bob.kill()
  })

  it('an ephemeral message that had not left is reported as not sent', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const slow = { rateLimit: { enabled: true, epochMs: 60_000, messagesPerEpoch: 1 } }
    const alice = await open('alice', disk, slow)
    alice.channel.send(encode('takes the quota'))
    const handle = alice.channel.send(encode('typing …'), { ephemeral: true })
    await pass(100)
    alice.kill()
    const again = await open('alice', disk, slow)
    await pass(100)
    expect(terminal(again.events, handle.requestId)).toEqual(['reliable:message:send-error'])
    again.kill()
  })
})
