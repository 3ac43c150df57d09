import { simulatedNetwork } from '@reliable-channels/simulator'
import { firstValueFrom } from 'rxjs'

// Without a scheduler the network runs in real time.
const network = simulatedNetwork({ latencyMs: 5 })
const contentTopic = '/example/1/chat/proto'

const alice = network.peer('alice')
const bob = network.peer('bob')
bob.messages$.subscribe(({ payload }) => console.log('bob received:', new TextDecoder().decode(payload)))
await bob.subscribe(contentTopic)

/** Sends as alice and waits for the outcome. */
async function say(text: string): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    alice.events$.subscribe(({ type }) => (type === 'message-propagated' ? undefined : resolve()))
  })
  await alice.send({ contentTopic, payload: new TextEncoder().encode(text), ephemeral: false })
  await ended
}

const heard = firstValueFrom(bob.messages$)
await say('before the split')
await heard
network.partition([['alice'], ['bob']])
await say('during the split')
network.heal()

for await (const { payload } of bob.history({ contentTopic, sinceMs: 0 })) {
  console.log('the network remembers:', new TextDecoder().decode(payload))
}
network.close()
