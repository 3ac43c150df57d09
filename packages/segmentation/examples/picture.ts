import { reassemble, segment } from '@reliable-channels/segmentation'
import { Subject, map, of } from 'rxjs'

/** Stands in for `node.lightPush.send` and `node.filter.subscribe` of `@waku/sdk`: at most 150 kB a message. */
const wire$ = new Subject<Uint8Array>()

const picture = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 7)

wire$
  .pipe(
    map((payload) => ({ payload })),
    reassemble(),
  )
  .subscribe(({ payload, message }) => {
    const same = payload.every((byte, i) => byte === picture[i])
    console.log(`${payload.length} bytes of ${message.heldCount} segments, ${same ? 'intact' : 'damaged'}`)
  })

const sent: Uint8Array[] = []
of({ payload: picture })
  .pipe(segment({ segmentSizeBytes: 102_400, parityRate: 0.2 }))
  .subscribe({
    next: ({ payload }) => sent.push(payload),
    complete() {
      const longest = Math.max(...sent.map(({ length }) => length))
      console.log(`${sent.length} messages of at most ${longest} bytes`)
      // The network loses every seventh of them, and delivers the rest backwards and twice.
      const arriving = sent.filter((_, i) => i % 7 !== 0).reverse()
      for (const message of [...arriving, ...arriving]) wire$.next(message)
      wire$.complete()
    },
  })
