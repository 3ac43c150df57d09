import type { RateLimiterEvent } from '@reliable-channels/rate-limit'
import type { SdsEvent } from '@reliable-channels/sds'
import type { ReassemblyEvent } from '@reliable-channels/segmentation'
import type { WaitReport } from '@reliable-channels/stage'

type OfSds<T extends SdsEvent['type']> = Extract<SdsEvent, { readonly type: T }>
type OfReassembly<T extends ReassemblyEvent['type']> = Extract<ReassemblyEvent, { readonly type: T }>
type OfRateLimit<T extends RateLimiterEvent['type']> = Extract<RateLimiterEvent, { readonly type: T }>

/** The detail of each diagnostic, by its code. */
export interface DiagnosticDetails {
  /** Others refer to messages that have not come (`entries`), which are fetched or asked for. */
  readonly missing: OfSds<'missing'>
  /** Missing messages were given up (`entries`); what depends on them is delivered. */
  readonly lost: OfSds<'lost'>
  /**
   * Messages from before this member joined (`entries`), which the first that came to it come after: they are done without.
   */
  readonly past: OfSds<'past'>
  /**
   * A message in this member's name that it does not know: an earlier session sent it, without its store, or another
   * device, or another member has the same `senderId`. It is not delivered.
   */
  readonly 'own-message': { readonly messageId: string }
  /** SDS sent a message again, asked others to, or answered one who asked. */
  readonly retransmitted: OfSds<'retransmitted'>
  readonly 'repair-requested': OfSds<'repair-requested'>
  readonly 'repair-sent': OfSds<'repair-sent'>
  /** The bloom filter of a message was unusable and was ignored; the message itself was not. */
  readonly 'filter-ignored': OfSds<'filter-ignored'>
  /**
   * Two messages came by one id, of two authors or with two contents, which are SDS's: a segment, or what the cipher made of
   * it. The first counts (`held`); the other is not delivered.
   */
  readonly equivocation: OfSds<'equivocation'>
  /** SDS forgot something for lack of room: `limit` names the option. */
  readonly limit: OfSds<'limit'>
  /** A segment did not join its message, or an incomplete message was given up; `reason` says why. */
  readonly 'segment-rejected': OfReassembly<'rejected'>
  readonly 'segment-dropped': OfReassembly<'dropped'>
  /** An incomplete message goes on without the contents of its segments, which the history has. Nothing is lost. */
  readonly 'segment-shelved': OfReassembly<'shelved'>
  /** There is no room for a message of several segments now: they are asked for once there is. */
  readonly 'segment-queued': OfReassembly<'queued'>
  /** A message of which segments had come will not: `reason` says why. */
  readonly 'segment-lost': OfReassembly<'lost'>
  /** Parity replaced messages that are still missing (`waive`); nothing waits for them any more. */
  readonly 'segment-rebuilt': OfReassembly<'rebuilt'>
  /** A newer frame took the place of one that waited in the rate limit, or it was not wanted any more. */
  readonly 'rate-limit-replaced': OfRateLimit<'replaced'>
  readonly 'rate-limit-withdrawn': OfRateLimit<'withdrawn'>
  /** An optional frame waited too long in the rate limit, or there was no room for one; `reason` says which. */
  readonly 'rate-limit-expired': OfRateLimit<'expired'>
  readonly 'rate-limit-refused': OfRateLimit<'refused'>
  /** A message that may be done without (`optional`) was not sent, since the quota of the node was approached, or exhausted. */
  readonly 'optional-dropped': { readonly requestId: string; readonly quota: 'approached' | 'exhausted' }
  /** The limit of unacknowledged messages is reached: further messages wait. */
  readonly 'unacknowledged-limit': { readonly unacknowledged: number }
  /** Nobody has listened yet, and the oldest message that waited for it was forgotten. */
  readonly unheard: { readonly senderId: string; readonly messageId: string }
  /** The network's memory could not be read; it is asked again in `retryMs`, if that is known. */
  readonly 'history-failed': { readonly error: unknown; readonly retryMs?: number }
  /** The store, the transport or a lock takes long to answer: `what` says which, `waitedMs` how long so far. */
  readonly slow: Omit<WaitReport, 'type'>
  /** The one that was slow has not answered within its limit: that counts as a failure, and everything goes on. */
  readonly 'gave-up-waiting': Omit<WaitReport, 'type'>
  /** A write failed and is tried again in `retryMs`, if that is known. */
  readonly 'store-failed': { readonly error: unknown; readonly attempt?: number; readonly retryMs?: number }
  /** A write succeeded after so many failures. */
  readonly 'store-recovered': { readonly failures: number }
  /**
   * Two that did not know of each other were open on one store at once, and wrote to it. What both accepted is here, and
   * goes on: `entries` of it were written without knowing of the others. Told at the next opening, once.
   */
  readonly 'store-shared': OfSds<'store-shared'>
  /** A stored entry could not be read and was passed over. */
  readonly 'store-corrupt': { readonly part: string; readonly key: string; readonly reason: string }
  /** Of tabs: this one could not open the channel to lead, and rests; or could not close it. */
  readonly 'tab-failed': { readonly what: 'open' | 'close'; readonly error: unknown }
  /** The transport's streams have errored, or there is a bug: the channel closes. */
  readonly 'channel-died': { readonly error: unknown }
}

/** The code of a {@link ChannelDiagnosticEvent}. */
export type DiagnosticCode = keyof DiagnosticDetails

/** Something was dropped, refused, given up or late; `code` says what, `detail` what it was. */
export type ChannelDiagnosticEvent = {
  readonly [C in DiagnosticCode]: {
    readonly type: 'diagnostic'
    readonly channelId: string
    readonly code: C
    readonly detail: DiagnosticDetails[C]
  }
}[DiagnosticCode]

/** Tells that something was dropped, refused, given up or late. */
export type Diagnose = <C extends DiagnosticCode>(code: C, detail: DiagnosticDetails[C]) => void

/** Makes a {@link ChannelDiagnosticEvent}. */
export function diagnosticEvent<C extends DiagnosticCode>(
  channelId: string,
  code: C,
  detail: DiagnosticDetails[C],
): ChannelDiagnosticEvent {
  return { type: 'diagnostic', channelId, code, detail } as ChannelDiagnosticEvent
}
