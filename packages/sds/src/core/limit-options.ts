/** Limits of what a participant keeps. At each the documented thing happens, with a `limit` event. */
export interface LimitOptions {
  /**
   * Messages remembered in the history.
   * @limit The oldest is forgotten, and before it what is stamped far ahead.
   * @default 20_000
   */
  maxHistory?: number
  /**
   * Bytes of content in the history, and of causal histories longer than usual.
   * @limit The oldest are dropped, and their messages can no longer be repaired.
   * @default 67_108_864
   */
  maxHistoryBytes?: number
  /** Messages not yet acknowledged. @limit A further one is not wrapped (`outgoing-full`). @default 20_000 */
  maxOutgoing?: number
  /**
   * Bytes of content not yet acknowledged.
   * @limit A further message is not wrapped (`outgoing-full`).
   * @default 134_217_728
   */
  maxOutgoingBytes?: number
  /**
   * Messages parked, but for those that others here wait for: these count among the missing.
   * @limit A further one is refused (`incoming-full`), as if it had been lost.
   * @default 10_000
   */
  maxIncoming?: number
  /**
   * Bytes parked. Messages that others here wait for may take a quarter more.
   * @limit A further message is refused (`incoming-full`), as if it had been lost.
   * @default 67_108_864
   */
  maxIncomingBytes?: number
  /**
   * Messages of one sender parked, but for those that others here wait for.
   * @limit A further one is refused (`incoming-full`), as if it had been lost.
   * @default 5_000
   */
  maxIncomingPerSender?: number
  /**
   * Bytes of one sender parked. Messages that others here wait for may take a quarter more.
   * @limit A further message is refused (`incoming-full`), as if it had been lost.
   * @default 50_331_648
   */
  maxIncomingBytesPerSender?: number
  /**
   * Messages known to be missing, and those parked that others wait for.
   * @limit What sync messages alone named goes first, then a message that names more is refused (`incoming-full`).
   * @default 20_000
   */
  maxMissing?: number
  /**
   * Missing messages that the parked ones of one sender were the first to wait for.
   * @limit A further message that names some is refused (`incoming-full`), as if it had been lost.
   * @default 10_000
   */
  maxMissingPerSender?: number
  /**
   * Ids met without their message (waived, lost, forgotten), and as many of sync and ephemeral messages, and of what was
   * stamped far ahead.
   * @limit The oldest goes. What its sender sent up to then is refused if it comes, again or at last
   * (`older-than-history`), unless it is known to be missing since before. Further ones stamped far ahead are refused.
   * @default 20_000
   */
  maxMet?: number
  /**
   * Causal history, and repair requests, accepted in one message.
   * @limit A message with more is rejected (`undecodable`).
   * @default 1_000
   */
  maxHistoryEntries?: number
  /**
   * Bytes of one message, in both directions.
   * @limit A larger one is rejected (`undecodable`), and larger content is not wrapped (`malformed`).
   * @default 1_048_576
   */
  maxMessageBytes?: number
  /**
   * Bytes of a message id, sender id or channel id.
   * @limit A message with a longer one is rejected (`malformed`).
   * @default 1_024
   */
  maxIdLength?: number
  /** Bytes of a retrieval hint. @limit A longer one is dropped, its entry is not. @default 64 */
  maxHintLength?: number
  /** Bytes of a bloom filter accepted. @limit A larger one is ignored, its message is not. @default 65_536 */
  maxBloomBytes?: number
  /** Messages acknowledged by one sync message. @limit Further ones follow in the next. @default 256 */
  maxAcknowledged?: number
}
