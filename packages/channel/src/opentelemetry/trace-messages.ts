import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api'
import { Subscription } from 'rxjs'
import type { ReliableChannel } from '../channel.ts'
import type { ChannelMessageReceivedEvent } from '../events.ts'
import type { SendHandle } from '../sending/send-handle.ts'

/** Messages that are followed at once. @limit Further ones have no span. */
const MOST_SPANS = 1_000

/** Makes spans of what is sent and received, until it is unsubscribed. */
export function traceMessages(
  channel: ReliableChannel,
  tracer: Tracer,
  attributes: Attributes,
): Subscription {
  const traced = new Subscription()
  const open = new Set<Span>()
  const name = channel.channelId
  traced.add(
    channel.sending$.subscribe((handle) => {
      if (open.size >= MOST_SPANS) return
      const span = tracer.startSpan(`send ${name}`, {
        kind: SpanKind.PRODUCER,
        attributes: {
          ...attributes,
          'messaging.operation.type': 'send',
          'reliable_channel.request_id': handle.requestId,
        },
      })
      open.add(span)
      traced.add(follow(handle, span, () => open.delete(span)))
    }),
  )
  traced.add(
    channel.events$.subscribe({
      next(event) {
        if (event.type === 'reliable:message:received') traceReceived(event)
      },
      error: () => traced.unsubscribe(),
      complete: () => traced.unsubscribe(),
    }),
  )
  traced.add(() => {
    for (const span of open) span.end()
    open.clear()
  })
  const traceReceived = ({
    messageId,
    senderId,
    payload,
    late,
    redelivered,
  }: ChannelMessageReceivedEvent): void =>
    tracer
      .startSpan(`receive ${name}`, {
        kind: SpanKind.CONSUMER,
        attributes: {
          ...attributes,
          'messaging.operation.type': 'receive',
          'messaging.message.id': messageId,
          'messaging.message.body.size': payload.length,
          'reliable_channel.sender_id': senderId,
          'reliable_channel.late': late,
          'reliable_channel.redelivered': redelivered,
        },
      })
      .end()
  return traced
}

/** Writes into a span what becomes of a message. */
function follow(handle: SendHandle, span: Span, ended: () => void): Subscription {
  let last = ''
  const end = (error?: string): void => {
    span.setStatus(
      error === undefined ? { code: SpanStatusCode.OK } : { code: SpanStatusCode.ERROR, message: error },
    )
    span.end()
    ended()
    subscription.unsubscribe()
  }
  const subscription = new Subscription()
  // Neither is waited for longer than the channel is open.
  handle.wrapped().then(
    (messageId) => span.setAttribute('messaging.message.id', messageId),
    () => {},
  )
  handle.accepted().then(
    () => span.addEvent('accepted'),
    () => {},
  )
  subscription.add(
    handle.status$.subscribe({
      next({ state, error, deliveredTo, segments }) {
        if (state === last) return
        last = state
        span.addEvent(state, { segments: segments.total, acknowledged: segments.acknowledged })
        if (state === 'delivered') {
          span.setAttribute('reliable_channel.delivered_to', [...deliveredTo])
          end()
        } else if (state === 'delivery-failed' || state === 'cancelled') end(error ?? state)
      },
      // Nobody tracks it, or nothing of it left.
      complete: () => end(last === 'sent' ? undefined : `ended as ${last}`),
    }),
  )
  return subscription
}
