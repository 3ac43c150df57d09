import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'

const time = virtualTime({ startMs: 0 })
const network = simulatedNetwork({
  seed: 42,
  loss: 0.3,
  duplicate: 0.1,
  latencyMs: 80,
  jitterMs: 40,
  scheduler: time,
})

const contentTopic = '/example/1/numbers/json'
const bob = network.peer('bob')
const received = new Set<string>()
bob.messages$.subscribe(({ payload }) => received.add(new TextDecoder().decode(payload)))
await bob.subscribe(contentTopic)

// One message a minute, for a day.
const alice = network.peer('alice')
for (let minute = 0; minute < 1440; minute++) {
  await alice.send({ contentTopic, payload: new TextEncoder().encode(`minute ${minute}`), ephemeral: false })
  await time.advance(60_000)
}

const { sent, delivered, lost, duplicated } = network.stats
console.log(
  `${time.now() / 3_600_000} hours: ${sent} sent, ${lost} lost, ${duplicated} duplicated, ${delivered} delivered`,
)
console.log(`bob has ${received.size} of ${sent}`)
