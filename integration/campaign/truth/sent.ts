/** The options of a message that say what it comes after. */
export interface Order {
  readonly order?: 'causal' | 'none'
  readonly priority?: 'critical' | 'normal' | 'optional'
}

/** One payload that a member sent. */
export interface Sent extends Order {
  readonly id: string
  readonly author: string
  readonly atMs: number
  readonly payload: Uint8Array
  readonly ephemeral: boolean
  cancelled: boolean
  /** Of its author, when it was sent. */
  readonly life: number
  /** It was refused, or its channel closed before it was stored; and its author was told. */
  refused: boolean
}

const RANKS = { critical: 0, normal: 1, optional: 2 }

/** Whether an earlier message of the same author need not come before a later one. */
export function mayComeLater(earlier: Sent, later: Sent): boolean {
  if (earlier.author !== later.author) return false
  const { order, priority = 'normal' } = earlier
  return order === 'none' || RANKS[priority] > RANKS[later.priority ?? 'normal']
}
