/** Observations of a transport, for logs and status pages. None of them needs an answer. */
export type WakuDiagnostic =
  /** A service node can be used from now on, or no longer. */
  | { readonly type: 'peer-usable' | 'peer-lost'; readonly peer: string }
  /** One attempt to send failed; another follows unless `final`. */
  | {
      readonly type: 'push-failed'
      readonly peer: string
      readonly requestId: string
      readonly hash: string
      /** Status code of the answer, where there was one. */
      readonly status?: number
      readonly error: string
      readonly final: boolean
    }
  /** A service node says that it is asked too often; it is left alone for `pauseMs`. Lower `pushesPerSecond`. */
  | { readonly type: 'rate-limited'; readonly peer: string; readonly pauseMs: number }
  /** With `confirm: 'store'`: no store had the message in time, so that the service nodes' word was taken. */
  | { readonly type: 'store-unconfirmed'; readonly requestId: string; readonly hash: string }
  /** A service node delivers for us from now on. */
  | { readonly type: 'filter-subscribed'; readonly peer: string; readonly contentTopics: readonly string[] }
  /** A service node does not deliver any more: it forgot us, is silent, or refuses. */
  | {
      readonly type: 'filter-lost'
      readonly peer: string
      readonly reason: 'forgotten' | 'no-answer' | 'refused' | 'no-echo' | 'disconnected'
      readonly error?: string
    }
  /** Messages that were missed while nobody delivered were read from a store. */
  | {
      readonly type: 'caught-up'
      readonly contentTopic: string
      readonly sinceMs: number
      readonly messages: number
    }
  /** Missed messages could not be read from any store. */
  | {
      readonly type: 'catch-up-failed'
      readonly contentTopic: string
      readonly sinceMs: number
      readonly error: string
    }
  /**
   * This machine's clock seems to be wrong: messages that differ from a service node's clock by more than 20 seconds
   * are delivered, but not stored, so that nobody can catch up on them.
   */
  | {
      readonly type: 'clock-suspect'
      /** `not-stored`: own messages are taken, but not kept by any store. `received`: those of others are stamped far from our time. */
      readonly evidence: 'not-stored' | 'received'
      /** By how much the clocks of others are ahead (above 0) or behind, ms, where known. */
      readonly offsetMs?: number
      readonly message: string
    }
  /** The clock is not suspect any more. */
  | { readonly type: 'clock-fine' }
  /** The machine slept, or the process was stopped, for about so long. */
  | { readonly type: 'woke-up'; readonly sleptMs: number }
