import { openChannel } from '@reliable-channels/channel'
import { seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

// #region quota
// Twenty messages in ten minutes, as a membership may allow. In virtual time an hour of it passes in a moment.
const scheduler = virtualTime()
const network = simulatedNetwork({ seed: 4, loss: 0.1, scheduler })

const join = (senderId: string) =>
  openChannel({
    channelId: 'tasks',
    contentTopic: '/my-app/1/tasks/proto',
    senderId,
    transport: network.peer(senderId),
    rateLimit: { enabled: true, epochMs: 600_000, messagesPerEpoch: 20 },
    scheduler,
    randomBytes: bytesFrom(senderId), // so that this program prints the same each time
  })
const alice = await join('alice')
const bob = await join('bob')
// #endregion

// #region send
let done = 0
bob.incoming$.subscribe(({ payload }) => {
  const text = new TextDecoder().decode(payload)
  if (text.startsWith('task')) done++
  else console.log(`bob hears of ${text} after ${done} of 30 tasks`)
})
const tasks = Array.from({ length: 30 }, (_, i) => alice.send(bytes(`task ${i}`)))
await scheduler.advance(1_000)

const { state, estimatedMs = 0 } = tasks.at(-1)!.status
console.log(`the last task is ${state}, and leaves in about ${Math.ceil(estimatedMs / 60_000)} minutes`)
alice.send(bytes('the fire'), { priority: 'critical' })
// #endregion

// #region count
let delivered = 0
for (const task of tasks) void task.delivered().then(() => delivered++)
await scheduler.run({ until: () => delivered === tasks.length, maxMs: 3_600_000 })
console.log(`${delivered} tasks were delivered, with ${network.stats.sent} messages of both in all`)
// #endregion
const closing = Promise.all([alice.close(), bob.close()])
await scheduler.advance(10_000)
await closing

/** Bytes that follow from a seed, in place of random ones. */
function bytesFrom(name: string): (length: number) => Uint8Array {
  const random = seededRandom(1, name)
  return (length) => Uint8Array.from({ length }, () => random() * 256)
}
