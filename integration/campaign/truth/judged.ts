import type { Memory } from './memory.ts'

/** A member as the judge sees it. */
export interface Judged {
  readonly name: string
  readonly memory: Memory
  /** How often its program was started. */
  readonly lives: number
  /** How far its clock was behind and ahead of the time, ms. */
  readonly clockMs: { readonly least: number; readonly most: number }
  /** Gone for good. */
  readonly isGone: boolean
  readonly isRunning: boolean
  /** Since when it can be heard, and hears, without a break; `undefined` while not. */
  readonly reachableSinceMs: number | undefined
  /** How long it stood still since its memory began, ms. */
  readonly stoodMs: number
  /** Whether it remembers who has what, as long as its store does. */
  readonly keepsReceipts?: boolean
}
