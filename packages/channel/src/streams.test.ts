import { describe, expect, it } from 'vitest'
import { ReliableChannelManager } from './index.ts'
import { fakeTransport } from '../test/fake-transport.ts'
import { hello, openFake, team } from '../test/open-fake.ts'

/** A subscriber that notes in `seen` each value, and the end. */
function watcher(seen: string[], name: string) {
  return { next: () => void seen.push(name), complete: () => void seen.push(`${name} ended`) }
}

describe('a stream that ends inside its own emission', () => {
  it('gives the message to who subscribed later, and to who watches the events, and then ends', async () => {
    // F22
    const alice = await openFake()
    const { channel, transport, pass } = await openFake({ senderId: 'bob' })
    const seen: string[] = []
    let closed: Promise<void> | undefined
    channel.incoming$.subscribe(() => void (closed = channel.close()))
    channel.incoming$.subscribe(watcher(seen, 'second'))
    channel.events$.subscribe(watcher(seen, 'events'))
    alice.channel.send(hello)
    await alice.pass(0)
    transport.deliver(alice.transport.sent[0]!)
    await pass()
    expect(seen).toEqual(['second', 'events', 'second ended', 'events ended'])
    await closed
    await alice.channel.close()
  })

  it('does so where a channel is closed inside an event of its manager', async () => {
    // F22
    const alice = await openFake()
    const transport = fakeTransport()
    const manager = new ReliableChannelManager({ transport, scheduler: alice.scheduler })
    const channel = await manager.create({ ...team, senderId: 'bob' })
    const seen: string[] = []
    channel.incoming$.subscribe(() => void channel.close())
    manager.incoming$.subscribe(watcher(seen, 'manager'))
    alice.channel.send(hello)
    await alice.pass(0)
    transport.deliver(alice.transport.sent[0]!)
    await alice.pass()
    expect(seen).toEqual(['manager'])
    await manager.closeAll()
    expect(seen).toEqual(['manager', 'manager ended'])
    await alice.channel.close()
  })

  it('does so where a handler of outgoing$ closes the channel', async () => {
    // F22
    const { channel, pass } = await openFake()
    const seen: string[] = []
    let closed: Promise<void> | undefined
    channel.outgoing$.subscribe(() => void (closed = channel.close()))
    channel.outgoing$.subscribe(watcher(seen, 'second'))
    channel.send(hello)
    await pass()
    expect(seen).toEqual(['second', 'second ended'])
    await closed
  })
})
