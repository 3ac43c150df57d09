import { concat } from '@reliable-channels/wire'
import { proto_filter_v2 } from '@waku/proto'
import { describe, expect, it } from 'vitest'

import { FILTER_PUSH } from '../core/filter-codec.ts'
import { type WireMessage, encodeWireMessage } from '../core/message.ts'
import { delimit, readDelimited } from './delimited.ts'
import { IncomingFrames } from './incoming-frames.ts'
import type { Connection, Stream, WakuNode } from '../waku-node.ts'
import { incomingPushesOf } from './incoming-pushes.ts'

const SHARD = '/waku/2/rs/66/0'
const TOPIC = '/incoming-pushes/1/mine/proto'
const THEIRS = '/incoming-pushes/1/theirs/proto'

type Handler = Parameters<WakuNode['libp2p']['handle']>[1]

/** A node as far as the taker of pushes looks at it, whose own filter notes what it gets. */
function fakeNode(subscriptions: unknown = new Map()) {
  const seen: Uint8Array[] = []
  const ownFilter: Handler = ({ stream }) => {
    void (async () => {
      for await (const push of readDelimited(stream.source, 10_000)) seen.push(push.slice())
    })()
  }
  let handler = ownFilter
  const streams: Stream[] = []
  const node = {
    isStarted: () => true,
    filter: { subscriptions },
    libp2p: {
      components: { registrar: { getHandler: () => ({ handler }) } },
      handle: async (protocol: string, next: Handler, { force }: { force: boolean }) => {
        expect([protocol, force]).toEqual([FILTER_PUSH, true])
        handler = next
      },
      getConnections: () => [{ streams }],
    },
  }
  return {
    node: node as unknown as WakuNode,
    streams,
    seenByFilter: seen,
    /** Does to the handler what `node.start()` does. */
    restart: () => (handler = ownFilter),
    open: () => {
      const stream = new FakeStream()
      void handler({ stream: stream as unknown as Stream, connection: {} as Connection })
      return stream
    },
  }
}

class FakeStream {
  readonly protocol = FILTER_PUSH
  readonly direction = 'inbound'
  readonly source = new IncomingFrames()
  aborted: Error | undefined
  closed = false

  push(bytes: Uint8Array): Promise<void> {
    this.source.push(delimit(bytes))
    return settled()
  }

  async close(): Promise<void> {
    this.closed = true
  }

  abort(error: Error): void {
    this.aborted = error
  }
}

/** A few turns of the microtasks that carry a frame from a stream to its readers. */
async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

const { MessagePush } = proto_filter_v2
const pushOf = (contentTopic: string, pubsubTopic = SHARD): Uint8Array =>
  MessagePush.encode({
    pubsubTopic,
    wakuMessage: { ...message(contentTopic), timestamp: 5n },
  })
const message = (contentTopic: string): WireMessage => ({
  contentTopic,
  payload: Uint8Array.of(1, 2),
  ephemeral: false,
})

describe('incoming pushes', () => {
  it('hands on what is listened for, and spares the own filter of the node what nobody else wants', async () => {
    const { node, open, seenByFilter } = fakeNode()
    const heard: WireMessage[] = []
    const stop = await incomingPushesOf(node).listen(SHARD, TOPIC, (one) => heard.push(one))
    const stream = open()
    await stream.push(pushOf(TOPIC))
    await stream.push(pushOf(THEIRS))
    await stream.push(pushOf(TOPIC, '/waku/2/rs/66/1'))
    expect(heard).toEqual([
      { contentTopic: TOPIC, payload: Uint8Array.of(1, 2), ephemeral: false, timestampNs: 5n },
    ])
    stop()
    await stream.push(pushOf(TOPIC))
    expect(heard).toHaveLength(1)
    expect(seenByFilter).toEqual([])
  })

  it('lets the own filter of the node have what it subscribed to, its own topics included', async () => {
    const { node, open, seenByFilter } = fakeNode(new Map([[SHARD, {}]]))
    const heard: WireMessage[] = []
    await incomingPushesOf(node).listen(SHARD, TOPIC, (one) => heard.push(one))
    const stream = open()
    await stream.push(pushOf(TOPIC))
    await stream.push(pushOf(THEIRS))
    await stream.push(pushOf(THEIRS, '/waku/2/rs/66/1'))
    expect(heard).toHaveLength(1)
    expect(seenByFilter).toEqual([pushOf(TOPIC), pushOf(THEIRS)])
  })

  it('keeps nothing from a filter whose subscriptions it cannot see', async () => {
    const { node, open, seenByFilter } = fakeNode('elsewhere by now')
    await incomingPushesOf(node).listen(SHARD, TOPIC, () => {})
    await open().push(pushOf(TOPIC))
    expect(seenByFilter).toEqual([pushOf(TOPIC)])
  })

  it('serves all transports on a node, and takes over once a start of it', async () => {
    const { node, open, restart } = fakeNode()
    const heard: string[] = []
    const one = incomingPushesOf(node)
    const other = incomingPushesOf(node)
    await one.listen(SHARD, TOPIC, () => heard.push('one'))
    await other.listen(SHARD, TOPIC, () => heard.push('other'))
    await open().push(pushOf(TOPIC))
    expect(heard).toEqual(['one', 'other'])
    restart()
    await open().push(pushOf(TOPIC))
    expect(heard).toHaveLength(2)
    await one.takeOver()
    await open().push(pushOf(TOPIC))
    expect(heard).toHaveLength(4)
  })

  it('hands nothing on to whoever was told that listening failed', async () => {
    const { node, open } = fakeNode()
    const { handle } = node.libp2p
    node.libp2p.handle = async (...args) => {
      await handle(...args)
      throw new Error('the peer store is broken')
    }
    const heard: WireMessage[] = []
    const listen = () => incomingPushesOf(node).listen(SHARD, TOPIC, (one) => heard.push(one))
    await expect(listen()).rejects.toThrow('broken')
    await listen()
    await open().push(pushOf(TOPIC))
    expect(heard).toHaveLength(1)
  })

  it('cuts streams that somebody else reads, so that the next push comes over a new one', async () => {
    const { node, streams, open } = fakeNode()
    const theirs = new FakeStream()
    streams.push(theirs as unknown as Stream)
    await incomingPushesOf(node).listen(SHARD, TOPIC, () => {})
    expect(theirs.aborted).toBeInstanceOf(Error)
    const mine = open()
    streams.push(mine as unknown as Stream)
    await incomingPushesOf(node).takeOver()
    expect(mine.aborted).toBeUndefined()
  })

  it('passes over what is no push, cuts a stream that is not in frames, and closes one that ends', async () => {
    const { node, open } = fakeNode()
    const heard: WireMessage[] = []
    await incomingPushesOf(node).listen(SHARD, TOPIC, (one) => heard.push(one))
    const stream = open()
    await stream.push(Uint8Array.of(0xff, 0xff))
    await stream.push(concat(encodeWireMessage(message(TOPIC))))
    await stream.push(new Uint8Array())
    await stream.push(pushOf(TOPIC))
    expect(heard).toHaveLength(1)
    stream.source.end()
    await settled()
    expect(stream.closed).toBe(true)
    const broken = open()
    broken.source.push(new Uint8Array(20).fill(0xff))
    await settled()
    expect(broken.aborted?.message).toContain('malformed')
  })
})

async function all(queue: IncomingFrames): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  for await (const frame of queue) frames.push(frame)
  return frames
}

describe('a queue of frames', () => {
  it('gives what was pushed in order, before and after somebody reads, and ends', async () => {
    const queue = new IncomingFrames()
    queue.push(Uint8Array.of(1))
    const read = all(queue)
    await settled()
    queue.push(Uint8Array.of(2))
    queue.end()
    queue.push(Uint8Array.of(3))
    expect(await read).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
  })

  it('keeps no more than its bound for a reader that is slow', async () => {
    const queue = new IncomingFrames()
    for (let i = 0; i < 5; i++) queue.push(new Uint8Array(2 ** 20))
    queue.end()
    expect(await all(queue)).toHaveLength(4)
  })
})
