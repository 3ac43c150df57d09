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

/** Tells programs what becomes of a message, and notes in the log who has it, or tells that it cannot be noted. */
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
  let isTold = false
  const notKept = (error: unknown): void => {
    if (isTold) return
    isTold = true
    const reason = error instanceof Error ? error.message : String(error)
    const warning = `who has a message could not be kept (${reason}): it is not shown the next time`
    output.emit(
      { event: 'warning', code: 'not-kept', message: warning },
      output.style('yellow', `! ${warning}`),
    )
  }
  let known = message.deliveredTo?.length ?? 0
  receipts$.subscribe((names) => {
    if (names.length <= known) return
    known = names.length
    output.emit({ event: 'receipts', requestId, names })
    onReceipts?.(names)
    log.put({ ...message, deliveredTo: names }).catch(notKept)
  })
}
