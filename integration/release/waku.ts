import { createWakuTransport } from '@reliable-channels/transport-waku'
import { devnet } from '@reliable-channels/waku-devnet'
import { filter, firstValueFrom } from 'rxjs'

const network = await devnet({ nodes: 2 })
const { multiaddrs: bootstrapPeers, networkConfig } = network
const alice = await createWakuTransport({ bootstrapPeers, networkConfig })
const bob = await createWakuTransport({ bootstrapPeers, networkConfig })
for (const { connection$ } of [alice, bob]) {
  await firstValueFrom(connection$.pipe(filter((state) => state === 'connected')))
}
const contentTopic = '/probe/1/sizes/proto'
await bob.subscribe(contentTopic)

// Below 1,200 bytes noise takes another cipher than above; above 65,519 a message is several packets.
for (const size of [1_000, 5_000, 140_000]) {
  const payload = Uint8Array.from({ length: size }, (_, i) => (i * i) >> 7)
  const received = firstValueFrom(bob.messages$.pipe(filter((message) => message.payload.length === size)))
  const ended = firstValueFrom(alice.events$.pipe(filter(({ type }) => type !== 'message-propagated')))
  await alice.send({ contentTopic, payload, ephemeral: false })
  const { payload: got } = await received
  console.log(
    size,
    (await ended).type,
    got.every((byte, i) => byte === payload[i]),
  )
}
// That all of it ends, and the process with it, is the other half of the proof.
await Promise.all([alice.close(), bob.close()])
await network.close()
console.log('closed')
