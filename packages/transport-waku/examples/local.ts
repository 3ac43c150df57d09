import { createWakuTransport } from '@reliable-channels/transport-waku'
import { devnet } from '@reliable-channels/waku-devnet'

const network = await devnet({ nodes: 2 })
const { multiaddrs: bootstrapPeers, networkConfig } = network
const alice = await createWakuTransport({ bootstrapPeers, networkConfig })
const bob = await createWakuTransport({ bootstrapPeers, networkConfig })

const contentTopic = '/example/1/chat/proto'
const received = new Promise<string>((resolve) => {
  bob.messages$.subscribe(({ payload }) => resolve(new TextDecoder().decode(payload)))
})
const connected = new Promise<void>((resolve) => {
  bob.connection$.subscribe((state) => state === 'connected' && resolve())
})
await connected
await bob.subscribe(contentTopic)

const ended = new Promise<string>((resolve) => {
  alice.events$.subscribe(({ type }) => type !== 'message-propagated' && resolve(type))
})
await alice.send({ contentTopic, payload: new TextEncoder().encode('hello bob'), ephemeral: false })
console.log('alice:', await ended)
console.log('bob received:', await received)

for await (const { payload, hash } of bob.history({ contentTopic, sinceMs: Date.now() - 60_000 })) {
  console.log('the store has:', new TextDecoder().decode(payload), `(a hash of ${hash.length} digits)`)
}

await Promise.all([alice.close(), bob.close()])
await network.close()
