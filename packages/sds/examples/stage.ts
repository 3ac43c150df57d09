import { createSdsStage } from '@reliable-channels/sds/core'

// No clock, no timer, no randomness of its own: all of it is passed in.
const options = { channelId: 'log', random: () => 0.5 }
const alice = createSdsStage({ ...options, participantId: 'alice' })
const bob = createSdsStage({ ...options, participantId: 'bob' })
let now = 1_750_000_000_000

const wires = ['one', 'two'].map((line) => {
  const frame = { payload: new TextEncoder().encode(line) }
  for (const output of alice.handle({ type: 'wrap', frame }, now).outputs) {
    if (output.type === 'wrapped') return output.payload
  }
  throw new Error('not wrapped')
})

for (const payload of wires.toReversed()) {
  const { outputs } = bob.handle({ type: 'receive', frame: { payload } }, now)
  for (const output of outputs) {
    if (output.type === 'delivered') console.log('delivered', new TextDecoder().decode(output.payload))
    if (output.type === 'parked') console.log('parked, waits for', output.message.missing.length)
  }
}

now = bob.deadline()!
for (const output of bob.tick(now).outputs) {
  if (output.type === 'traffic') console.log('due:', output.frame.kind, output.frame.reason)
}
