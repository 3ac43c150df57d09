import type { Step } from '@reliable-channels/stage'
import { type EntryNumbers, SparseSet } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import type { ReassemblyFrame } from './reassembly-frame.ts'
import type {
  ReassemblyOutput,
  SetDropReason,
  LostReason,
  SegmentRejectReason,
  ShelveReason,
  SetProgress,
} from './reassembly-output.ts'
import type { ShelvedSet } from './shelf.ts'
import { type SegmentSet, type SenderIdentity, keyOfSet } from './segment-set.ts'

/** Messages told as lost of which that is remembered. @limit The oldest is told once more, should it be lost again. */
const MOST_LOST = 256

/** Outputs and changes of the present step, and counters of what was turned away. */
export class ReassemblyLedger {
  readonly rejected: Record<SegmentRejectReason, number> = {
    undecodable: 0,
    invalid: 0,
    oversized: 0,
    duplicate: 0,
    completed: 0,
    'count-mismatch': 0,
    conflict: 0,
    'cache-full': 0,
    'no-room': 0,
  }
  readonly dropped: Record<SetDropReason, number> = { expired: 0, evicted: 0, 'hash-mismatch': 0 }
  readonly #persistent: boolean
  /** Messages that were told as lost, and have not come since; those of late last. */
  readonly #lost = new SparseSet<string>()
  readonly #numbers: EntryNumbers
  #outputs: ReassemblyOutput[] = []
  #changes: Change[] = []

  constructor(persistent: boolean, numbers: EntryNumbers) {
    this.#persistent = persistent
    this.#numbers = numbers
  }

  /** Ends the step. */
  finish(): Step<ReassemblyOutput> {
    const step = { outputs: this.#outputs, changes: this.#changes }
    this.#outputs = []
    this.#changes = []
    return step
  }

  put(output: ReassemblyOutput): void {
    this.#outputs.push(output)
  }

  reject(reason: SegmentRejectReason, frame: ReassemblyFrame): void {
    this.rejected[reason]++
    this.put({ type: 'rejected', reason, frame })
  }

  progress(set: SegmentSet): void {
    this.put({ type: 'progress', ...progressOf(set) })
  }

  shelve(set: SegmentSet, reason: ShelveReason): void {
    this.put({ type: 'shelved', reason, ...progressOf(set) })
  }

  /** A message is given up. That is told once, and again only if it came in between. */
  lose({ sender, payloadHash, segments, shape }: ShelvedSet, reason: LostReason): void {
    if (this.#isLost(sender, payloadHash)) return
    const { lengthBytes, dataCount: needed } = shape
    this.put({
      type: 'lost',
      reason,
      payloadHash,
      senderId: sender,
      held: segments.size,
      needed,
      lengthBytes,
    })
  }

  drop(set: SegmentSet, reason: SetDropReason): void {
    this.dropped[reason]++
    const again = this.#isLost(set.sender, set.payloadHash) && { again: true as const }
    this.put({ type: 'dropped', reason, lengthBytes: set.shape.lengthBytes, ...again, ...progressOf(set) })
  }

  /** A message is whole. */
  came({ sender, payloadHash }: { readonly sender: SenderIdentity; readonly payloadHash: string }): void {
    if (this.#lost.size > 0) this.#lost.delete(keyOfSet(sender, payloadHash, ''))
  }

  /** Notes that a message is lost. Returns whether that was told before. */
  #isLost(sender: SenderIdentity, payloadHash: string): boolean {
    const key = keyOfSet(sender, payloadHash, '')
    const wasLost = this.#lost.delete(key)
    this.#lost.add(key)
    if (this.#lost.size > MOST_LOST) this.#lost.delete(this.#lost.values().next().value!)
    return wasLost
  }

  /** A key for a new entry: of a segment, of a complete message, of the id of a segment, or of a horizon. */
  newKey(kind: 's' | 'c' | 'i' | 'h'): string {
    return kind + this.#numbers.take().toString(36)
  }

  store(key: string, value: () => Uint8Array): void {
    if (this.#persistent) this.#changes.push({ key, value: value() })
  }

  forget(key: string): void {
    if (this.#persistent) this.#changes.push({ key, value: undefined })
  }
}

/** The counts of a set, as events tell them. */
function progressOf(set: SegmentSet): SetProgress {
  const { sender, payloadHash, held, needed, bytes } = set
  return { payloadHash, senderId: sender, held, needed, bytes }
}
