import type { Stage, Step } from '@reliable-channels/stage'
import { type ReassemblyState, newState } from './reassembly-state.ts'
import type { ReassemblyInput } from './reassembly-input.ts'
import type { ReassemblyFrame } from './reassembly-frame.ts'
import type { ReassemblyOutput, SegmentRejectReason, SetDropReason } from './reassembly-output.ts'
import type { ReassemblyStageOptions } from './reassembly-options.ts'
import { readEntries } from './restored.ts'
import { expire, expiryOf, putOff } from './steps/expire.ts'
import { settleQueue } from './steps/invite.ts'
import { offer } from './steps/offer.ts'
import { readmit } from './steps/readmit.ts'
import { receiveSegment } from './steps/receive.ts'
import { refusal, turnAway } from './steps/refuse.ts'
import { restoreSets, resume } from './steps/restore.ts'

/** How full the stage is, and what it has turned away since it was made. */
export interface ReassemblyStats {
  readonly sets: number
  /** Message id of the first segment that came of the set which began first. */
  readonly begun: string | undefined
  readonly bufferedBytes: number
  /** Complete messages that are remembered. */
  readonly completed: number
  readonly parked: number
  /** Sets that were put aside. */
  readonly shelved: number
  /** Messages that wait for room. */
  readonly queued: number
  readonly rejected: Readonly<Record<SegmentRejectReason, number>>
  readonly dropped: Readonly<Record<SetDropReason, number>>
}

/** Segments in, whole messages out; see {@link createReassemblyStage}. */
export interface ReassemblyStage<F extends ReassemblyFrame = ReassemblyFrame> extends Stage<
  ReassemblyInput<F>,
  ReassemblyOutput<F>
> {
  /** How full it is, and what it has turned away. */
  stats(): ReassemblyStats
  /**
   * Why a segment cannot be held, now (`no-room`) or ever: to be asked before it is acknowledged, and to be told as
   * `refused`. `undefined` where it can be, or has come already.
   */
  refusal(frame: ReassemblyFrame): SegmentRejectReason | undefined
  /** Whether the content of a segment is needed, or may be. */
  needs(messageId: string): boolean
}

/**
 * Puts messages together from segments that come in any order, repeated, or not at all (LIP-243).
 *
 * A message is out as soon as as many different segments are held as it has data segments, and its hash is right.
 * A few corrupt segments do no harm where enough good ones are held. Payloads are held as views where that wastes
 * little: what is handed in must not change afterwards. A message is copied once, into a new array.
 *
 * Its changes hold one entry for each segment of an incomplete message (deleted with it), one for each complete
 * message remembered that came in several segments or without ids, and one for each sender of whom such are forgotten.
 *
 * @throws `SegmentationOptionError`
 */
export function createReassemblyStage<F extends ReassemblyFrame>(
  options: ReassemblyStageOptions = {},
): ReassemblyStage<F> {
  // What it puts out are the frames that it was given.
  return new Reassembly(options) as ReassemblyStage as ReassemblyStage<F>
}

/** Gives each input to its step. */
class Reassembly implements ReassemblyStage {
  readonly #state: ReassemblyState
  /** When the last step was: what it left is due at once. */
  #lastTurn = 0

  constructor(options: ReassemblyStageOptions) {
    const restored = readEntries(options.restore ?? [], options.writer)
    this.#state = newState(options, restored.numbers)
    restoreSets(this.#state, restored, options)
  }

  handle(input: ReassemblyInput, now: number): Step<ReassemblyOutput> {
    const state = this.#state
    state.jobs.newTurn()
    switch (input.type) {
      case 'segment':
        state.lane = input.lane === undefined ? {} : { lane: input.lane }
        receiveSegment(state, input.frame, now)
        break
      case 'offer':
        offer(state, input.parked, now)
        break
      case 'refused':
        turnAway(state, input.frame, now)
        break
      case 'readmit':
        for (const set of state.shelf.ofPayload(input.senderId, input.payloadHash))
          readmit(state, set, input, now)
        break
      case 'start':
        resume(state)
        break
      case 'suspended':
        putOff(state, now)
    }
    return this.#finish(now)
  }

  deadline(): number | undefined {
    const { queue, jobs } = this.#state
    const due = Math.min(
      expiryOf(this.#state) ?? Infinity,
      queue.next ?? Infinity,
      jobs.areLeft ? this.#lastTurn : Infinity,
    )
    return due === Infinity ? undefined : due
  }

  tick(now: number): Step<ReassemblyOutput> {
    this.#state.jobs.newTurn()
    this.#state.jobs.run()
    expire(this.#state, now)
    return this.#finish(now)
  }

  stats(): ReassemblyStats {
    const { pool, completed, parked, shelf, queue, ledger } = this.#state
    return {
      sets: pool.size,
      begun: pool.begun,
      bufferedBytes: pool.bytes,
      completed: completed.size,
      parked: parked.size,
      shelved: shelf.size,
      queued: queue.size,
      rejected: { ...ledger.rejected },
      dropped: { ...ledger.dropped },
    }
  }

  refusal(frame: ReassemblyFrame): SegmentRejectReason | undefined {
    return refusal(this.#state, frame)
  }

  needs(messageId: string): boolean {
    return this.#state.pool.has(messageId) || this.#state.shelf.has(messageId)
  }

  #finish(now: number): Step<ReassemblyOutput> {
    this.#lastTurn = now
    settleQueue(this.#state, now)
    return this.#state.ledger.finish()
  }
}
