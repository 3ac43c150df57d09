import type { SendStatus } from '@reliable-channels/channel'
import type { Output } from '../output.ts'
import type { Member } from './open-member.ts'
import type { SentParcel } from './send-parcel.ts'

/** What is told of a message that was sent. */
export interface SentWatch {
  readonly onStatus?: (status: SendStatus) => void
  /** Told of all who have it, each time that somebody more does. */
  readonly onReceipts?: (names: readonly string[]) => void
}

/** Tells programs what becomes of a message, and notes in the log who has it. */
export function watchSent(
  { message, handle, status$ }: SentParcel,
  { log }: Member,
  output: Output,
  { onStatus, onReceipts }: SentWatch = {},
): void {
  const { requestId, receipts$ } = handle
  let last = ''
  status$.subscribe((status) => {
    onStatus?.(status)
    const { state, error } = status
    if (state === last) return
    last = state
    output.emit({ event: 'status', requestId, state, ...(error !== undefined && { error }) })
  })
  let known = message.deliveredTo?.length ?? 0
  receipts$.subscribe((names) => {
    if (names.length <= known) return
    known = names.length
    output.emit({ event: 'receipts', requestId, names })
    onReceipts?.(names)
    // A directory that cannot be written is told of by the channel, which writes to it as well.
    log.put({ ...message, deliveredTo: names }).catch(() => {})
  })
}
