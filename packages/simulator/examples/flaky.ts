import {
  faultyTransport,
  simulatedNetwork,
  simulatedProcess,
  transportFaults,
  virtualTime,
} from '@reliable-channels/simulator'

const scheduler = virtualTime({ startMs: 0 })
const network = simulatedNetwork({
  scheduler,
  seed: 7,
  burstLoss: 0.9, // nine of ten while a burst lasts: two seconds of every ten
  burstMs: 2_000,
  calmMs: 8_000,
  jitterMs: 100,
  jitterShape: 'long-tailed',
})

// A laptop whose clock is a minute behind, and whose way to the network has moods.
const laptop = simulatedProcess(scheduler, { offsetMs: -60_000 })
const faults = transportFaults()
const transport = laptop.transport(faultyTransport(network.peer('laptop'), { faults, scheduler }))

const contentTopic = '/example/1/ticks/proto'
const heard: number[] = []
transport.messages$.subscribe(() => heard.push(laptop.clock.now()))
await transport.subscribe(contentTopic)

const tick = { contentTopic, payload: Uint8Array.of(1), ephemeral: false }
const everySecond = async (seconds: number): Promise<void> => {
  for (let i = 0; i < seconds; i++) {
    await network.peer('alice').send(tick)
    await scheduler.advance(1_000)
  }
}

await everySecond(60)
console.log(`heard ${heard.length} of 60`)

laptop.freeze()
await everySecond(60)
console.log(`still ${heard.length} while it sleeps`)
laptop.thaw()
console.log(`and ${heard.length} once it is awake, by its clock at ${laptop.clock.now()} ms`)

faults.change({ send: 'rejects' })
await transport.send(tick).catch((error: Error) => console.log(`cannot send: ${error.message}`))
