import { type ReassemblyEvent, reassemble, segment } from '@reliable-channels/segmentation'
import { NEVER, from, merge, of, takeUntil, timer, toArray } from 'rxjs'

const [first, second] = [new Uint8Array(300).fill(1), new Uint8Array(500).fill(2)]

of({ payload: first }, { payload: second })
  .pipe(segment({ segmentSizeBytes: 320 }), toArray())
  .subscribe(([a, b, c]) => {
    const noise = { payload: Uint8Array.of(255) }
    // Both segments of the first payload, one of them twice; of the second payload only one of three.
    const arriving = from([a!, a!, b!, noise, c!])
    merge(arriving, NEVER.pipe(takeUntil(timer(2_500))))
      .pipe(reassemble({ timeoutMs: 2_000, onEvent: report }))
      .subscribe(({ payload }) => console.log('message of', payload.length, 'bytes'))
  })

function report(event: ReassemblyEvent): void {
  if (event.type === 'progress')
    console.log(`${event.held} of ${event.needed} segments, ${event.bytes} bytes`)
  if (event.type === 'rejected') console.log('rejected:', event.reason)
  if (event.type === 'dropped') console.log('dropped:', event.reason)
}
