import { type ReliableChannel, openChannel } from '@reliable-channels/channel'
import { freshTopic, transportTo } from './link.ts'
import type { Network } from './network.ts'

const FILE_BYTES = 4_000_000
const RECEIVERS = 3
/** Share of the pushes that the service nodes lose. */
const DROPPED = 0.3

/** A title of {@link lossyS}. */
export const LOSSY = `4 MB to ${RECEIVERS} members, ${100 * DROPPED} % of the pushes lost: whole at all, most`

/** How long it takes, in seconds, until a file is whole at all members, of a channel with its default options. */
export async function lossyS(network: Network): Promise<number> {
  const contentTopic = freshTopic()
  const members = await Promise.all(
    Array.from({ length: 1 + RECEIVERS }, async (_, index) => {
      const transport = await transportTo(network, network.addresses[index % 2]!)
      const senderId = `member ${index}`
      const channel = await openChannel({ channelId: contentTopic, contentTopic, senderId, transport })
      await channel.ready()
      return { channel, transport }
    }),
  )
  const [sender, ...receivers] = members.map(({ channel }) => channel)
  await network.drop(DROPPED)
  const start = performance.now()
  const whole = Promise.all(receivers.map(received))
  sender!.send(new Uint8Array(FILE_BYTES).map((_, i) => i % 251))
  await whole
  const tookMs = performance.now() - start
  await network.drop(0)
  for (const { channel, transport } of members) {
    await channel.close()
    await transport.close()
  }
  return tookMs / 1000
}

const received = (channel: ReliableChannel): Promise<void> =>
  new Promise((resolve) => {
    channel.incoming$.subscribe(({ payload }) => {
      if (payload.length === FILE_BYTES) resolve()
    })
  })
