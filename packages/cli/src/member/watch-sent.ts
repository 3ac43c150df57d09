import type { SendStatus } from '@reliable-channels/channel'
import type { Subscription } from 'rxjs'
import type { Output } from '../output.ts'
import type { Member } from './open-member.ts'
import type { SentParcel } from './send-parcel.ts'

/** Tells programs what becomes of a message, and notes in the log who has it. */
export function watchSent(
  { message, handle, status$ }: SentParcel,
  { log }: Member,
  output: Output,
  onStatus: (status: SendStatus) => void = () => {},
): Subscription {
  let last = ''
  return status$.subscribe((status) => {
    onStatus(status)
    const { state, deliveredTo, error } = status
    const now = `${state} ${deliveredTo.join('\n')}`
    if (now === last) return
    last = now
    output.emit({
      event: 'status',
      requestId: handle.requestId,
      state,
      deliveredTo,
      ...(error !== undefined && { error }),
    })
    // A directory that cannot be written is told of by the channel, which writes to it as well.
    if (deliveredTo.length > 0) log.put({ ...message, deliveredTo }).catch(() => {})
  })
}
