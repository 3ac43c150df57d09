import { inspectFrame } from '@reliable-channels/cli'
import { encodeLip, encodeNim } from '@reliable-channels/sds/core'
import { encodeSegment } from '@reliable-channels/segmentation/core'

const content = encodeSegment({
  dialect: 'current',
  hash: new Uint8Array(32).fill(1),
  lengthBytes: 2,
  index: 1,
  dataCount: 2,
  parityCount: 1,
  isParity: false,
  content: Uint8Array.of(1),
})
const message = {
  senderId: 'alice',
  messageId: 'b7',
  channelId: 'lobby',
  lamport: 1_795_910_400_000,
  causalHistory: [{ messageId: 'a1', senderId: 'bob' }],
  repairRequest: [],
  content,
}

for (const bytes of [encodeLip(message), encodeNim(message)]) {
  for (const { title, fields } of inspectFrame(bytes, { now: message.lamport }).layers) {
    console.log(title)
    for (const { number, name } of fields) console.log(`  ${String(number).padStart(2)}  ${name}`)
  }
}
