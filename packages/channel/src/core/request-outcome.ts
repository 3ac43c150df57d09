import { type Request, deliveredTo, isDispatched } from './request.ts'
import { DAMAGED, type RequestStatus, SEGMENTS_FAILED, UNACKNOWLEDGED } from './request-status.ts'

/** Reports to the channel about requests. */
export type RequestOutput =
  | { readonly type: 'status'; readonly requestId: string; readonly status: RequestStatus }
  | Outcome
  | SendAgain
  | Closed
  | Failed

/** One of the two ends of a request. */
export type Outcome = {
  readonly requestId: string
  /** It was perhaps told before a restart. */
  readonly redelivered?: boolean
  /** The opposite outcome had been told before. */
  readonly late?: true
} & (
  | DispatchOutcome
  /** Delivery is over: one for each request that is not ephemeral; or a late `delivered` after an error. */
  | {
      readonly type: 'delivered'
      readonly deliveredTo: readonly string[]
      /** It had been before, to those who have lost it. */
      readonly again?: true
    }
  | { readonly type: 'delivery-error'; readonly error: string }
)

/** Dispatch is over: one for each request, or a late `sent` after an error. */
type DispatchOutcome =
  | { readonly type: 'sent' }
  | { readonly type: 'send-error'; readonly error: string; readonly certain: boolean }

/** A segment of a message that is under way, which somebody has lost, is to be sent to him again. */
interface SendAgain {
  readonly type: 'send-again'
  readonly requestId: string
  readonly messageId: string
  readonly by: string
}

/** The request is over. It is kept until the application has been told. */
interface Closed {
  readonly type: 'closed'
  readonly requestId: string
}

/** Dispatch and delivery have ended, and delivery failed: it is kept, since it may still be delivered. */
interface Failed {
  readonly type: 'failed'
  readonly requestId: string
}

/** Whether both ends of a request have come; one whose delivery failed may still be delivered. */
export const isOver = (request: Request): boolean =>
  request.cancelled || (isDispatched(request) && request.delivery !== 'open')

/** How dispatch ended; it has. */
export const dispatchOutcome = ({ requestId, failed, uncertain }: Request): Outcome =>
  failed === 0
    ? { type: 'sent', requestId }
    : { type: 'send-error', requestId, error: SEGMENTS_FAILED, certain: uncertain === 0 }

/** How delivery ended, if it has. */
export function deliveryOutcome(request: Request): Outcome | undefined {
  const { requestId, delivery, deliveryError = UNACKNOWLEDGED } = request
  const again = request.wasDelivered && { again: true as const }
  if (delivery === 'delivered')
    return { type: 'delivered', requestId, deliveredTo: deliveredTo(request), ...again }
  return delivery === 'failed' ? { type: 'delivery-error', requestId, error: deliveryError } : undefined
}

/** Whether a request that is over may still be delivered: SDS has it, and its receivers were merely away. */
export const mayBeDelivered = ({ delivery, deliveryError, cancelled }: Request): boolean =>
  delivery === 'failed' && deliveryError !== DAMAGED && !cancelled

/** That the request is over, if it is. */
export function endOf(request: Request): Closed | Failed | undefined {
  if (!isOver(request)) return undefined
  return { type: mayBeDelivered(request) ? 'failed' : 'closed', requestId: request.requestId }
}

/** The ends of a request so far, and that it is over, if it is; none that was told and is kept. */
export function outcomesOf(request: Request): (Outcome | Closed | Failed)[] {
  if (request.told) return []
  const dispatch = isDispatched(request) ? dispatchOutcome(request) : undefined
  const all = [dispatch, deliveryOutcome(request), endOf(request)]
  return all.filter((one) => one !== undefined)
}
