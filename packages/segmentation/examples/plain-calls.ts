import { createReassemblyStage, maxPayloadBytes, segmentPayload } from '@reliable-channels/segmentation/core'

const payload = new TextEncoder().encode('no RxJS, no timers, no clock: only calls '.repeat(10))
const options = { segmentSizeBytes: 256, parityRate: 0.25 }
console.log('at most', maxPayloadBytes(options), 'bytes')

const [lost, ...segments] = segmentPayload(payload, options)
console.log('lost:', lost?.segment.index)

const stage = createReassemblyStage({ timeoutMs: 60_000 })
let now = 0
for (const frame of segments) {
  for (const output of stage.handle({ type: 'segment', frame }, now++).outputs) {
    if (output.type === 'progress') console.log(`${output.held} of ${output.needed}`)
    if (output.type === 'message') console.log('got', output.payload.length, 'bytes')
  }
}
