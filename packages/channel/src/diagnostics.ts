import type { RateLimiterEvent } from '@reliable-channels/rate-limit'
import type { SdsEvent } from '@reliable-channels/sds'
import type { ReassemblyEvent } from '@reliable-channels/segmentation'
import { type DiagnosticCode, type DiagnosticDetails, diagnosticEvent } from './diagnostic-event.ts'
import { type ChannelEvent, messageErrorEvent } from './events.ts'
import type { IncomingFrame } from './pipeline/frames.ts'
import type { ChannelParts } from './opening/parts.ts'
import type { ReceivingSide } from './receiving/receiving-side.ts'

/** Takes what the stages notice, and tells of it. */
export interface Diagnostics {
  /** SDS has something to tell. */
  heardOf(event: SdsEvent): void
  /** The rate limit did something to a frame of the channel, or has something to tell to all. */
  limited(event: RateLimiterEvent): void
  /** Reassembly has something to tell. */
  reassembled(event: ReassemblyEvent): void
}

/** Tells of what the stages dropped, gave up or noticed, and counts what was dropped. */
export function connectDiagnostics(
  parts: Pick<ChannelParts, 'channelId' | 'senderId' | 'drops'>,
  emit: (event: ChannelEvent) => void,
  notRead: ReceivingSide['notRead'] | undefined,
): Diagnostics {
  const { channelId, senderId, drops } = parts
  const diagnose = <C extends DiagnosticCode>(code: C, detail: DiagnosticDetails[C]): void =>
    emit(diagnosticEvent(channelId, code, detail))

  const rejected = ({ reason, detail, frame }: Extract<SdsEvent, { type: 'rejected' }>): void => {
    const { hash = '' } = frame as Partial<IncomingFrame>
    const error = `SDS handleIncoming failed: ${detail}`
    if ((reason === 'undecodable' || reason === 'malformed') && notRead !== undefined)
      return notRead(hash, reason, error)
    if (reason === 'other-channel') return
    drops.add(`sds-${reason}`)
    emit(messageErrorEvent(channelId, { messageHash: hash, error }))
  }

  const fromSds = (event: SdsEvent): void => {
    switch (event.type) {
      case 'rejected':
        // Other channels may live on the same topic.
        if (event.reason === 'other-channel') return drops.add('foreign-channel')
        return rejected(event)
      case 'missing':
      case 'lost':
      case 'past':
      case 'repair-requested':
      case 'repair-sent':
      case 'retransmitted':
      case 'filter-ignored':
      case 'equivocation':
      case 'limit':
      case 'store-shared':
        return emit({ type: 'diagnostic', channelId, code: event.type, detail: event } as ChannelEvent)
      case 'delivered':
        // An own message from elsewhere is kept in the history, and not delivered.
        if (event.senderId === senderId) diagnose('own-message', { messageId: event.messageId })
        return
      case 'refused':
        // Reassembly tells why.
        return
      case 'acknowledged':
      case 'acknowledgement-withdrawn':
      case 'possibly-acknowledged':
      case 'delivery-failed':
      case 'sync-sent':
      case 'sync-received':
        // The channel's own events tell these.
        return
    }
  }

  const fromReassembly = (event: ReassemblyEvent): void => {
    if (event.type === 'progress') {
      // A message of one segment is whole when it comes.
      const { type: _, ...progress } = event
      if (event.needed > 1) emit({ type: 'reliable:message:progress', channelId, ...progress })
      return
    }
    if (event.type === 'rejected' || event.type === 'dropped') {
      drops.add(`segment-${event.reason}`)
      // A segment that comes twice, or after its message, is no fault; what waits for room is told once.
      if (event.reason === 'duplicate' || event.reason === 'completed' || event.reason === 'no-room') return
    }
    // With nothing to waive, SDS itself tells what happens to the message.
    if (event.type === 'rebuilt' && event.waive.length === 0) return
    // Questions to SDS, which the application does not need to know.
    if (event.type === 'wanted' || event.type === 'lacking' || event.type === 'disowned') return
    diagnose(`segment-${event.type}`, event)
    if (event.type !== 'lost' && event.type !== 'dropped') return
    if ('again' in event) return
    const { senderId: author, payloadHash, lengthBytes: bytes, held, needed, reason } = event
    const about = { senderId: author, payloadHash, bytes, held, needed, reason }
    emit({ type: 'reliable:message:lost', channelId, ...about })
  }

  const fromLimiter = (event: RateLimiterEvent): void => {
    if (event.type === 'store-failed') return diagnose('store-failed', event)
    if (event.type !== 'replaced' && event.type !== 'withdrawn') drops.add(`rate-limit-${event.type}`)
    diagnose(`rate-limit-${event.type}`, event)
  }

  return { heardOf: fromSds, limited: fromLimiter, reassembled: fromReassembly }
}
