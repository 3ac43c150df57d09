import { type SdsMessage, encodeMessage } from '@reliable-channels/sds/core'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { expect, it } from 'vitest'
import { seededBytes } from '../../test/seeded-bytes.ts'
import { openChannel } from '../open-channel.ts'

const topic = { channelId: 'team', contentTopic: '/app/1/team/proto' }
const EPOCH_MS = 30_000
const meta = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')

/** What a liar says before alice's next message, who knows the ids of those that she has sent. */
type Lie = (index: number, ids: readonly string[]) => Partial<SdsMessage>[]

const madeUp = Array.from({ length: 1_000 }, (_, i) => ({ messageId: `made-up-${i}`, senderId: 'bob' }))
const named = (ids: readonly string[]): { messageId: string; senderId: string }[] =>
  ids.map((messageId) => ({ messageId, senderId: 'alice' }))

const lies: readonly { name: string; lie: Lie }[] = [
  {
    name: 'names a thousand messages that do not exist in a sync message',
    lie: (index) => (index === 2 ? [{ causalHistory: madeUp }] : []),
  },
  {
    name: 'names a thousand messages that do not exist in a message with content',
    lie: (index) => (index === 2 ? [{ causalHistory: madeUp, content: Uint8Array.of(1) }] : []),
  },
  {
    name: 'asks for all that was ever said, again and again',
    lie: (_, ids) => Array.from({ length: 3 }, () => ({ repairRequest: named(ids) })),
  },
  {
    name: 'says that it lacks everything',
    lie: () => [{ bloomFilter: new Uint8Array(8) }, { bloomFilter: new Uint8Array(8) }],
  },
]

// X4
it.each(lies.flatMap(({ name, lie }) => [1, 2, 4].map((quota) => ({ name, lie, quota }))))(
  'content waits two epochs at most where a member $name, with $quota messages an epoch',
  async ({ lie, quota }) => {
    const time = virtualTime()
    const network = simulatedNetwork({ seed: 1, scheduler: time, latencyMs: 50, jitterMs: 100 })
    const open = (senderId: string) =>
      openChannel({
        ...topic,
        senderId,
        scheduler: time,
        randomBytes: seededBytes(1, senderId),
        rateLimit: { epochMs: EPOCH_MS, messagesPerEpoch: quota },
        transport: network.peer(senderId),
      })
    const [alice, bob] = [await open('alice'), await open('bob')]
    const mallory = network.peer('mallory')
    let lied = 0
    const say = (fields: Partial<SdsMessage>): void => {
      const message = {
        senderId: 'mallory',
        messageId: `lie-${lied++}`,
        channelId: topic.channelId,
        lamport: time.now(),
        causalHistory: [],
        repairRequest: [],
        ...fields,
      }
      const payload = encodeMessage(message, 'lip')
      void mallory.send({ contentTopic: topic.contentTopic, ephemeral: true, meta, payload })
    }
    const waitedMs: number[] = []
    for (let index = 0; index < 30; index++) {
      const { messages } = await alice.history({ limit: 100 })
      for (const fields of lie(
        index,
        messages.map(({ messageId }) => messageId),
      ))
        say(fields)
      const sinceMs = time.now()
      const sent = alice.send(new Uint8Array(200).fill(index)).sent()
      void sent.then(() => waitedMs.push(time.now() - sinceMs))
      // No more than half of what the quota lets out: the rest is for what others need.
      await time.advance(quota === 1 ? 2 * EPOCH_MS : EPOCH_MS)
    }
    expect(lied).toBeGreaterThan(0)
    expect(waitedMs).toHaveLength(30)
    expect(Math.max(...waitedMs)).toBeLessThanOrEqual(2 * EPOCH_MS)
    await Promise.all(
      [alice.close(), bob.close()].map((closed) => time.run({ maxMs: 120_000 }).then(() => closed)),
    )
    network.close()
  },
)
