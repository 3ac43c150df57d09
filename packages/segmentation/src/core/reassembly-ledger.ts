import type { Step } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import type {
  SetDropReason,
  ReassemblyFrame,
  ReassemblyOutput,
  SegmentRejectReason,
  SetName,
} from './reassembly-types.ts'
import type { SegmentSet } from './segment-set.ts'

/** Outputs and changes of the present step, and counters of what was turned away. */
export class ReassemblyLedger<F extends ReassemblyFrame> {
  readonly rejected: Record<SegmentRejectReason, number> = {
    undecodable: 0,
    invalid: 0,
    oversized: 0,
    duplicate: 0,
    completed: 0,
    'count-mismatch': 0,
    conflict: 0,
    'cache-full': 0,
  }
  readonly dropped: Record<SetDropReason, number> = { expired: 0, evicted: 0, 'hash-mismatch': 0 }
  readonly #persistent: boolean
  /** Number of the next entry. */
  #next: number
  #outputs: ReassemblyOutput<F>[] = []
  #changes: Change[] = []

  constructor(persistent: boolean, nextNumber: number) {
    this.#persistent = persistent
    this.#next = nextNumber
  }

  /** Ends the step. */
  finish(): Step<ReassemblyOutput<F>> {
    const step = { outputs: this.#outputs, changes: this.#changes }
    this.#outputs = []
    this.#changes = []
    return step
  }

  put(output: ReassemblyOutput<F>): void {
    this.#outputs.push(output)
  }

  reject(reason: SegmentRejectReason, frame: F): void {
    this.rejected[reason]++
    this.put({ type: 'rejected', reason, frame })
  }

  progress(set: SegmentSet): void {
    this.put({ type: 'progress', ...progressOf(set) })
  }

  drop(set: SegmentSet, reason: SetDropReason): void {
    this.dropped[reason]++
    this.put({ type: 'dropped', reason, ...progressOf(set) })
  }

  /** A key for a new entry: of a segment, or of a complete message. */
  newKey(kind: 's' | 'c'): string {
    return kind + (this.#next++).toString(36)
  }

  store(key: string, value: () => Uint8Array): void {
    if (this.#persistent) this.#changes.push({ key, value: value() })
  }

  forget(key: string): void {
    if (this.#persistent) this.#changes.push({ key, value: undefined })
  }
}

function progressOf(set: SegmentSet): SetName & { held: number; needed: number; bytes: number } {
  const { sender, payloadHash, held, needed, bytes } = set
  return { payloadHash, senderId: sender, held, needed, bytes }
}
