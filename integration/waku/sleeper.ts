/** A member of a channel in a process of its own: prints what it hears, one line each, until its input ends. */
import { openChannel } from '@reliable-channels/channel'
import { createWakuTransport } from '@reliable-channels/transport-waku'

import { ROOM } from './network.ts'

const [, , bootstrapPeers = '', networkConfig = '{}'] = process.argv

const transport = await createWakuTransport({
  bootstrapPeers: bootstrapPeers.split(','),
  networkConfig: JSON.parse(networkConfig) as { clusterId: number },
  pushesPerSecond: Infinity,
  keepAliveMs: 500,
  requestTimeoutMs: 1500,
})
const channel = await openChannel({ ...ROOM, senderId: 'sleeper', transport })
transport.connection$.subscribe((state) => console.log(`connection: ${state}`))
channel.incoming$.subscribe(({ payload }) => console.log(`heard: ${new TextDecoder().decode(payload)}`))
process.stdin.on('end', () => {
  void channel.close().then(() => transport.close())
})
process.stdin.resume()
