import { reassemble, segment } from '@reliable-channels/segmentation'
import { of } from 'rxjs'

const payload = new TextEncoder().encode('a page that takes one stage and nothing else '.repeat(20))
of({ payload })
  .pipe(segment({ segmentSizeBytes: 256, parityRate: 0.5 }), reassemble())
  .subscribe(({ message }) => console.log(message.dataCount, 'segments', message.parityCount, 'of parity'))
