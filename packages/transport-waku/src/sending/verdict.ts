import type { Status } from '../core/status.ts'

/**
 * The meaning of a service node's answer to a light push.
 *
 * - `taken`: it has the message.
 * - `perhaps`: 505, said both of a message that it has already and of one that it could hand to nobody.
 * - `too-often`: it is asked too often.
 * - `never`: no service node will take this message.
 * - `elsewhere`: this one does not, another may.
 */
export type Verdict = 'taken' | 'perhaps' | 'too-often' | 'never' | 'elsewhere'

const verdicts: Readonly<Record<number, Verdict>> = {
  400: 'never',
  413: 'never',
  420: 'never',
  429: 'too-often',
  505: 'perhaps',
}

/** Reads a status; `@waku/sdk` would make one and the same error of all but 200. */
export function verdictOf({ code }: Status): Verdict {
  if (code >= 200 && code < 300) return 'taken'
  return verdicts[code] ?? 'elsewhere'
}
