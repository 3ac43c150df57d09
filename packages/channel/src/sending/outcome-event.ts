import type { Outcome } from '../core/request-outcome.ts'
import type { ChannelEvent, ChannelMessageSentEvent } from '../events.ts'

/** The event that tells of an outcome. Its fields stand in one literal each: there are two for each message. */
export function outcomeEvent(
  outcome: Outcome,
  {
    channelId,
    requestId,
    redelivered,
  }: Pick<ChannelMessageSentEvent, 'channelId' | 'requestId' | 'redelivered'>,
  cause: { readonly cause: unknown } | undefined,
): ChannelEvent {
  const { late } = outcome
  switch (outcome.type) {
    case 'sent': {
      const type = 'reliable:message:sent'
      return late === undefined
        ? { type, channelId, requestId, redelivered }
        : { type, channelId, requestId, redelivered, late }
    }
    case 'send-error': {
      const { error, certain } = outcome
      return {
        type: 'reliable:message:send-error',
        channelId,
        requestId,
        redelivered,
        error,
        certain,
        ...cause,
      }
    }
    case 'delivered': {
      const { deliveredTo, again } = outcome
      const event = {
        type: 'reliable:message:delivered',
        channelId,
        requestId,
        redelivered,
        deliveredTo,
      } as const
      return late === undefined && again === undefined
        ? event
        : { ...event, ...(late && { late }), ...(again && { again }) }
    }
    case 'delivery-error': {
      const { error } = outcome
      return { type: 'reliable:message:delivery-error', channelId, requestId, redelivered, error }
    }
  }
}
