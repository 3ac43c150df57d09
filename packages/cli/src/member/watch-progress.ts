import type { Subscription } from 'rxjs'
import { printable } from '../inspect/show.ts'
import type { Output } from '../output.ts'
import type { Member } from './open-member.ts'

/** Shows how far messages of several segments are that come in. */
export function watchProgress(
  { channel }: Member,
  show: (text: string | undefined) => void,
  output: Output,
): Subscription {
  return channel.events$.subscribe((event) => {
    if (event.type === 'reliable:message:progress') {
      const { senderId, payloadHash, held, needed, bytes } = event
      output.emit({ event: 'progress', direction: 'in', from: senderId, payloadHash, held, needed, bytes })
      const from = senderId === undefined ? 'somebody' : printable(senderId)
      show(held < needed ? `[${from} ${Math.floor((100 * held) / needed)} %]` : undefined)
    } else if (event.type === 'reliable:message:received' || event.type === 'reliable:message:lost') {
      show(undefined)
      if (event.type === 'reliable:message:lost') {
        const from = event.senderId === undefined ? 'somebody' : printable(event.senderId)
        const message = `a file of ${from} will not come whole (${event.held} of ${event.needed} parts came): ask for it once more`
        output.emit({ event: 'warning', code: 'lost', message }, output.style('yellow', `! ${message}`))
      }
    }
  })
}
