import { type Request, deliveredTo, isDispatched } from './request.ts'
import { type RequestStatus, SEGMENTS_FAILED, UNACKNOWLEDGED } from './request-status.ts'

/** What the channel is told of requests. */
export type RequestOutput =
  | { readonly type: 'status'; readonly requestId: string; readonly status: RequestStatus }
  | Outcome
  | Closed

/** One of the two ends of a request. */
export type Outcome = {
  readonly requestId: string
  /** It was perhaps told before a restart. */
  readonly redelivered?: boolean
} & (
  | DispatchOutcome
  /** Delivery is over: exactly one for each request that is not ephemeral. */
  | { readonly type: 'delivered'; readonly deliveredTo: readonly string[] }
  | { readonly type: 'delivery-error'; readonly error: string }
)

/** Dispatch is over: exactly one for each request. */
type DispatchOutcome = { readonly type: 'sent' } | { readonly type: 'send-error'; readonly error: string }

/** Nothing more will be heard of the request. It is kept until that is told. */
interface Closed {
  readonly type: 'closed'
  readonly requestId: string
}

/** Whether nothing more will happen to a request. */
export const isOver = (request: Request): boolean =>
  request.cancelled || (isDispatched(request) && request.delivery !== 'open')

/** How dispatch ended; it has. */
export const dispatchOutcome = ({ requestId, failed }: Request): Outcome =>
  failed === 0 ? { type: 'sent', requestId } : { type: 'send-error', requestId, error: SEGMENTS_FAILED }

/** How delivery ended, if it has. */
export function deliveryOutcome(request: Request): Outcome[] {
  const { requestId, delivery, deliveryError = UNACKNOWLEDGED } = request
  if (delivery === 'delivered') return [{ type: 'delivered', requestId, deliveredTo: deliveredTo(request) }]
  return delivery === 'failed' ? [{ type: 'delivery-error', requestId, error: deliveryError }] : []
}

/** The ends of a request so far, and that it is over, if it is. */
export function outcomesOf(request: Request): (Outcome | Closed)[] {
  const outcomes = [...(isDispatched(request) ? [dispatchOutcome(request)] : []), ...deliveryOutcome(request)]
  return isOver(request) ? [...outcomes, { type: 'closed', requestId: request.requestId }] : outcomes
}
