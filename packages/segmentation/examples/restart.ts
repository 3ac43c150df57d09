import { createReassembler, segmentAll } from '@reliable-channels/segmentation'
import { type Entry, memoryStore } from '@reliable-channels/store'
import { Subject } from 'rxjs'

const store = memoryStore()
const payload = new Uint8Array(600).fill(7)
const segments = await segmentAll(payload, { segmentSizeBytes: 320 })

/** Reassembly over the same store; two sources feed it, as when a relay and a history bring the same segments. */
async function start() {
  const restore: Entry[] = []
  for await (const { key, value } of store.entries('r/')) restore.push({ key: key.slice(2), value })
  const reassembler = createReassembler({
    write: (changes) => store.write(changes),
    keyPrefix: 'r/',
    restore,
  })
  const [relay, history] = [new Subject<{ payload: Uint8Array }>(), new Subject<{ payload: Uint8Array }>()]
  for (const source of [relay, history]) {
    source.pipe(reassembler.reassemble()).subscribe((frame) => console.log(frame.payload.length, 'bytes'))
  }
  return { reassembler, relay, history }
}

const before = await start()
before.relay.next(segments[0]!)
before.history.next(segments[1]!)
console.log('held:', before.reassembler.stats().bufferedBytes, 'bytes')
before.reassembler.close()
// The segments that it holds are being written.
await new Promise((resolve) => setTimeout(resolve, 10))

const after = await start()
for (const segment of segments) {
  after.relay.next(segment)
  after.history.next(segment)
}
await new Promise((resolve) => setTimeout(resolve, 10))
const { duplicate, completed } = after.reassembler.stats().rejected
console.log('turned away:', duplicate, 'held already,', completed, 'of a complete message')
after.reassembler.close()
