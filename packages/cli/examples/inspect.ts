import { inspectFrame } from '@reliable-channels/cli'
import { encodeLip } from '@reliable-channels/sds/core'

const frame = encodeLip({
  senderId: 'alice',
  messageId: '5f3c',
  channelId: 'lobby',
  lamport: 1_795_910_400_000,
  causalHistory: [{ messageId: '77aa', senderId: 'bob' }],
  repairRequest: [],
  content: new TextEncoder().encode('hello'),
})

for (const bytes of [frame, frame.slice(0, -4)]) {
  const { layers, isSound } = inspectFrame(bytes, { now: Date.now(), channelId: 'lobby' })
  for (const { title, fields, flaws } of layers) {
    console.log(title)
    for (const { offset, name, text } of fields) console.log(`  ${offset}: ${name} = ${text}`)
    for (const { severity, message, offset } of flaws) console.log(`  ${severity} at ${offset}: ${message}`)
  }
  console.log(isSound ? 'sound' : 'a receiver drops it')
}
