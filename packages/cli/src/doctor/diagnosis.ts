/** What `rc doctor` looks at, in this order. */
export type CheckName = 'network' | 'sending' | 'receiving' | 'memory' | 'clock' | 'key' | 'members'

/** What was found out about one thing. */
export interface Diagnosis {
  readonly check: CheckName
  /** `unknown`: it could not be found out. */
  readonly verdict: 'ok' | 'warning' | 'failed' | 'unknown'
  /** One sentence, without a full stop. */
  readonly message: string
  /** What to do, one sentence. */
  readonly hint?: string
}
