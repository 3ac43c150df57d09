/** Options of SDS-R. LIP-109, "SDS Repair". The times should be common to all participants of a channel. */
export interface RepairOptions {
  /** Whether to ask for missing messages and to answer. @default true */
  enabled?: boolean
  /**
   * Shortest wait before a missing message is asked for, ms. Where neither time is given, and the quota is not tight, it is
   * that while nobody was heard lately: what an author can be asked for is asked for after 100 ms, or `fetchMs` if it can be
   * fetched, and again after one or two round trips; what others can, half a second later, and again after 2 s, 4 s and so on.
   * @limit It is asked for, or later, up to `tMaxMs`, so that not all ask at once.
   * @default 30_000
   */
  tMinMs?: number
  /**
   * Longest wait before a missing message is asked for, or a request answered, ms.
   * @limit The request, or the answer, goes out.
   * @default 300_000
   */
  tMaxMs?: number
  /**
   * Requests in one message.
   * @limit Further ones go with the next.
   * @default 3, and in sync messages as many as fit into 6 kB
   */
  maxRequestsPerMessage?: number
  /** Into how many groups participants are divided to answer. @default groupSize div 128 + 1, where that is given, else 1 */
  responseGroups?: number
  /** Missing messages waiting to be asked for. @limit Further ones are asked for as others arrive. @default 1_000 */
  maxRequests?: number
  /** Answers waiting to be given, or given lately. @limit A further request is ignored. @default 1_000 */
  maxResponses?: number
  /** Bytes of answers in a second. @limit Further ones wait. @default 4_194_304 */
  maxBytesPerSecond?: number
}
