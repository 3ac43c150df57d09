import { type ChannelOptions, lean, openChannel } from '@reliable-channels/channel'
import { seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'

// #region users
/** Our users, in numbers: a group of five, photos of 800 kB, mobile networks. */
const members = 5
const photo = new Uint8Array(800_000)
const mobile = { loss: 0.15, latencyMs: 150, jitterMs: 100 }
// #endregion

// #region trial
/** What one photo costs with some options: the time until all four others have it, and the messages of all members. */
async function trial(options: Partial<ChannelOptions>, seed: number) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed, ...mobile, scheduler })
  const random = seededRandom(seed, 'bytes')
  const group = await Promise.all(
    Array.from({ length: members }, (_, i) =>
      openChannel({
        channelId: 'album',
        contentTopic: '/my-app/1/album/proto',
        senderId: `member-${i}`,
        transport: network.peer(`member-${i}`),
        scheduler,
        randomBytes: (length) => Uint8Array.from({ length }, () => random() * 256),
        ...options,
      }),
    ),
  )
  let arrived = 0
  for (const member of group.slice(1)) member.incoming$.subscribe(() => arrived++)
  const startMs = scheduler.now()
  group[0]!.send(photo)
  await scheduler.run({ until: () => arrived === members - 1, maxMs: 600_000 })
  const result = {
    ms: scheduler.now() - startMs,
    messages: network.stats.sent,
    bytes: network.stats.sentBytes,
  }
  const closing = Promise.all(group.map((member) => member.close()))
  await scheduler.advance(10_000)
  await closing
  return result
}
// #endregion

// #region compare
const choices: Record<string, Partial<ChannelOptions>> = {
  'as it is': {},
  'parity 20 %': { parityRate: 0.2 },
  'segments of 30 kB': { segmentSizeBytes: 30_000 },
  lean: { profile: lean },
}
console.log('options            median  slowest  messages      kB')
for (const [name, options] of Object.entries(choices)) {
  const results: Awaited<ReturnType<typeof trial>>[] = []
  for (let seed = 1; seed <= 10; seed++) results.push(await trial(options, seed))
  const times = results.map(({ ms }) => ms / 1_000).sort((a, b) => a - b)
  const mean = (of: 'messages' | 'bytes') => results.reduce((sum, one) => sum + one[of], 0) / results.length
  console.log(
    name.padEnd(17),
    `${times[5]!.toFixed(1)} s`.padStart(7),
    `${times.at(-1)!.toFixed(1)} s`.padStart(8),
    mean('messages').toFixed(1).padStart(9),
    (mean('bytes') / 1_000).toFixed(0).padStart(7),
  )
}
// #endregion
