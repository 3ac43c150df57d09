import { memoryStore } from '@reliable-channels/store'
import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { members } from '../test/members.ts'
import { iterate, readable, typed, writable } from './index.ts'

const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}

/** Messages by hand; those that were acknowledged. */
function source() {
  const incoming = new Subject<{ n: number; ack: () => Promise<void> }>()
  const acknowledged: number[] = []
  const push = (...numbers: number[]): void => {
    for (const n of numbers)
      incoming.next({
        n,
        ack: async () => void acknowledged.push(n),
      })
  }
  return { incoming, incoming$: incoming, acknowledged, push }
}

describe('a loop over messages', () => {
  it('takes one at a time, acknowledges each when it asks for the next, and ends with the channel', async () => {
    const { incoming, acknowledged, push, ...channel } = source()
    const seen: string[] = []
    const loop = (async () => {
      for await (const { n } of iterate(channel)) seen.push(`${n} after ${acknowledged.join()}`)
    })()
    push(1, 2)
    incoming.complete()
    await loop
    expect(seen).toEqual(['1 after ', '2 after 1'])
    expect(acknowledged).toEqual([1, 2])
  })

  it('that is left does not acknowledge what it was at, and lets go of the channel', async () => {
    const { incoming, acknowledged, push, ...channel } = source()
    const loop = (async () => {
      for await (const { n } of iterate(channel)) if (n === 2) break
    })()
    push(1, 2, 3)
    await loop
    expect([acknowledged, incoming.observed]).toEqual([[1], false])
  })

  it('throws the reason of its signal, before or later, and what the channel dies of', async () => {
    const loop = async (channel: ReturnType<typeof source>, signal?: AbortSignal): Promise<void> => {
      for await (const _ of iterate(channel, signal === undefined ? {} : { signal })) void 0
    }
    const aborted = source()
    await expect(loop(aborted, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
    const controller = new AbortController()
    const later = source()
    const waiting = loop(later, controller.signal)
    controller.abort(new Error('later'))
    await expect(waiting).rejects.toThrow('later')
    expect([aborted.incoming.observed, later.incoming.observed]).toEqual([false, false])
    const dead = source()
    const dying = loop(dead)
    dead.incoming.error(new Error('dead'))
    await expect(dying).rejects.toThrow('dead')
  })

  it('throws when nothing holds messages back and too many wait', async () => {
    const { push, ...channel } = source()
    const reader = iterate(channel, { maxWaiting: 2 })[Symbol.asyncIterator]()
    push(1, 2, 3)
    await expect(reader.next()).rejects.toMatchObject({ code: 'ERR_SLOW_READER' })
    expect(() => iterate(channel, { maxWaiting: 0 })).toThrow('"maxWaiting" expected an integer from 1')
  })

  it('has the channel wait for it with acknowledged consumption', async () => {
    const { open, pass } = members()
    const bob = typed(
      await open('bob', { consume: 'acknowledged', maxUnacknowledged: 2, store: memoryStore() }),
      text,
    )
    const reader = iterate(bob, { maxWaiting: 2 })[Symbol.asyncIterator]()
    const alice = typed(await open('alice'), text)
    for (let i = 0; i < 10; i++) alice.send(`${i}`)
    await pass(10_000)
    const seen: string[] = []
    for (let i = 0; i < 10; i++) {
      const next = reader.next()
      await pass(100)
      seen.push((await next).value.value)
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`))
  })
})

describe('streams', () => {
  it('carry values from one member to another, and close when all is delivered', async () => {
    const { open, scheduler, pass } = members({ loss: 0.1 })
    const [alice, bob] = [typed(await open('alice'), text), typed(await open('bob'), text)]
    const seen: string[] = []
    let written: unknown
    const reading = readable(bob).pipeTo(new WritableStream({ write: ({ value }) => void seen.push(value) }))
    const source = new ReadableStream<string>({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(`${i}`)
        controller.close()
      },
    })
    source.pipeTo(writable(alice, { until: 'delivered' })).then(
      () => (written = 'all'),
      (error: unknown) => (written = error),
    )
    await scheduler.run({ until: () => written !== undefined, maxMs: 600_000 })
    expect(written).toBe('all')
    await pass(1_000)
    await bob.channel.close()
    await reading
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`))
  })

  it('write no faster than the rate limit lets messages out', async () => {
    const { open, pass } = members()
    const channel = await open('alice', {
      rateLimit: { epochMs: 60_000, messagesPerEpoch: 2, maxQueued: 600 },
      maxOpenRequests: 3,
    })
    const writer = writable(channel).getWriter()
    let written = 0
    for (let i = 0; i < 8; i++) void writer.write(Uint8Array.of(i)).then(() => written++)
    await pass(1_000)
    expect(written).toBeLessThanOrEqual(5)
    await pass(300_000)
    expect(written).toBe(8)
  })

  it('send as every option of a message says', async () => {
    const { open } = members()
    const channel = await open('alice')
    const given: unknown[] = []
    const send: typeof channel.send = (payload, options) => {
      given.push(options)
      return channel.send(payload, options)
    }
    const how = { ephemeral: false, optional: false, order: 'none', priority: 'critical' } as const
    const writer = writable({ send, ready: (...args) => channel.ready(...args) }, how).getWriter()
    await writer.write(Uint8Array.of(1))
    expect(given).toEqual([how])
    await channel.close()
  })

  it('reject when they are aborted, or closing finds that something failed', async () => {
    const { open } = members()
    const channel = await open('alice')
    const stream = writable(channel, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(stream.getWriter().write(Uint8Array.of(1))).rejects.toThrow('enough')
    const writer = writable(channel).getWriter()
    await writer.write(Uint8Array.of(1))
    const closing = writer.close()
    await channel.close()
    await expect(closing).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    const source = typed(await open('bob'), text)
    const reading = readable(source)
    await reading.cancel()
    expect(() => writable(channel, { until: 'read' as never })).toThrow('"until" expected')
  })
})
