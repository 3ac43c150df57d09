import {
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
  asyncScheduler,
  defer,
  filter,
  finalize,
} from 'rxjs'
import { type Driver, type UnitOfWork, checkDriverOptions, createDriver } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import { check } from './core/plan.ts'
import { createReassemblyStage } from './core/reassembly-stage.ts'
import type {
  MessageFrame,
  ParkedSegment,
  ReassemblyEvent,
  ReassemblyFrame,
  ReassemblyInput,
  ReassemblyStageOptions,
  ReassemblyOutput,
  ReadmittedSegments,
  ReassemblyStats,
  RebuiltEvent,
  SegmentRejectReason,
  WantedEvent,
} from './core/reassembly-types.ts'

/** Options of {@link createReassembler}: limits, and where its state is kept. */
export interface ReassemblerOptions extends ReassemblyStageOptions {
  /** Whether its state is stored. @default whether there is a `write` or a `unitOfWork` */
  persistent?: boolean
  /** Source of time. @default asyncScheduler */
  scheduler?: SchedulerLike
  /** Joins its changes to those of other stages; see `createDriver` of `@reliable-channels/stage`. */
  unitOfWork?: UnitOfWork
  /** Where its changes go, without a unit of work. Without either, nothing survives a restart. */
  write?: (changes: readonly Change[]) => Promise<void>
  /** Told of each write that failed, before it is tried again after `retryMs`; messages come out meanwhile. */
  onWriteError?: (error: unknown, attempt: number, retryMs: number) => void
  /** Put before its keys. `restore` takes entries without it. @default '' */
  keyPrefix?: string
}

/** Reassembly with all its lanes, for whoever needs more than {@link reassemble}. */
export interface Reassembler {
  /**
   * Segments in, whole messages out: each frame is the one that completed its message, with the message as its payload
   * and a field `message` that says what it was made of. Several sources may have lanes: a message comes out of the one
   * whose frame completed it.
   */
  reassemble<F extends ReassemblyFrame>(): OperatorFunction<F, F & MessageFrame>
  /** Events besides messages: rejected, dropped, progress, rebuilt. Hot. */
  readonly events$: Observable<ReassemblyEvent>
  /** Which messages held and {@link Reassembler.offer | offered} segments make, and what need not be waited for then. Hot. */
  readonly rebuilt$: Observable<RebuiltEvent>
  /**
   * Shows segments that SDS has parked, each once. Nothing is delivered by it; {@link Reassembler.rebuilt$} answers,
   * synchronously.
   */
  offer(parked: readonly ParkedSegment[]): void
  /** Segments of messages that were put aside and are complete now: their contents are wanted. Hot. */
  readonly wanted$: Observable<WantedEvent>
  /** Gives back contents that {@link Reassembler.wanted$} asked for, at any later time. The message comes at once. */
  readmit(segments: ReadmittedSegments): void
  /**
   * Why a segment could not be held, whatever has come before: to be asked before it is acknowledged. `undefined` where it
   * can be, or has come already.
   */
  refusal(frame: ReassemblyFrame): SegmentRejectReason | undefined
  /** How full it is, and what it has turned away. */
  stats(): ReassemblyStats
  /** Ends its timer and completes its observables. */
  close(): void
}

/**
 * Makes a {@link Reassembler}.
 *
 * @throws `SegmentationOptionError`
 *
 * @example
 * ```ts
 * const reassembler = createReassembler({ timeoutMs: 60_000 })
 * reassembler.events$.subscribe((event) => event.type === 'progress' && show(event.held / event.needed))
 * socket$.pipe(reassembler.reassemble()).subscribe(({ payload }) => save(payload))
 * ```
 */
export function createReassembler(options: ReassemblerOptions = {}): Reassembler {
  check.object('options', options)
  checkDriverOptions(options)
  const {
    scheduler = asyncScheduler,
    persistent = options.unitOfWork?.persistent ?? options.write !== undefined,
  } = options
  const stage = createReassemblyStage({ restoredAt: scheduler.now(), ...options, persistent })
  const driver = createDriver(stage, {
    ...options,
    onLate: (lateMs): ReassemblyInput => ({ type: 'suspended', lateMs }),
  })
  // Once everybody has subscribed: what restoring has changed is stored and told, and what was restored may expire.
  const started = options.restore && scheduler.schedule(() => driver.dispatch({ type: 'start' }))
  /** Subscriptions of `reassemble`, oldest first: a message without a lane of its own goes to the first. */
  const lanes: object[] = []
  const events$ = driver.outputs$.pipe(filter((output) => output.type !== 'message'))
  return {
    reassemble: <F extends ReassemblyFrame>() =>
      ((source) => defer(() => source.pipe(laneOf<F>(driver, lanes)))) satisfies OperatorFunction<
        F,
        F & MessageFrame
      >,
    events$,
    rebuilt$: events$.pipe(filter((event) => event.type === 'rebuilt')),
    wanted$: events$.pipe(filter((event) => event.type === 'wanted')),
    readmit: (segments) => driver.dispatch({ type: 'readmit', ...segments }),
    refusal: (frame) => stage.refusal(frame),
    offer: (parked) => driver.dispatch({ type: 'offer', parked }),
    stats: () => stage.stats(),
    close() {
      started?.unsubscribe()
      driver.close()
    },
  }
}

/** A lane of its own for one subscription: of all messages, those that its own frames have completed. */
function laneOf<F extends ReassemblyFrame>(
  driver: Driver<ReassemblyInput, ReassemblyOutput>,
  lanes: object[],
): OperatorFunction<F, F & MessageFrame> {
  const lane = {}
  lanes.push(lane)
  const isMine = (of: object | undefined): boolean =>
    of === lane || (lanes[0] === lane && (of === undefined || !lanes.includes(of)))
  const through = driver.lane<F, F & MessageFrame>({
    input(frame) {
      check.frame(frame)
      return { type: 'segment', frame, lane }
    },
    output(output) {
      if (output.type !== 'message' || !isMine(output.lane)) return undefined
      const { frame, payload, message } = output
      // The stage gives back the very frame that it was given.
      return { ...(frame as F), payload, message }
    },
  })
  return (source) => through(source).pipe(finalize(() => lanes.splice(lanes.indexOf(lane), 1)))
}
