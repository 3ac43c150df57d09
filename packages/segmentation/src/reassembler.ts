import { SparseSet } from '@reliable-channels/stage/core'
import { type Observable, type OperatorFunction, type SchedulerLike, Subject, asyncScheduler } from 'rxjs'
import {
  type Port,
  type UnitOfWork,
  checkDriverOptions,
  createDriver,
  portOperator,
} from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import { check } from './core/plan.ts'
import { createReassemblyStage } from './core/reassembly-stage.ts'
import type {
  DisownedEvent,
  LackingEvent,
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
  /** The same for who has one source and one listener, and no need of observables between. */
  openPort<F extends ReassemblyFrame>(out: (frame: F & MessageFrame) => void): Port<F>
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
   * Why a segment cannot be held, now (`no-room`) or ever: to be asked before it is acknowledged. `undefined` where it can
   * be, or has come already.
   */
  refusal(frame: ReassemblyFrame): SegmentRejectReason | undefined
  /** Whether the content of a segment is needed, or may be: where the history drops some, others go first. */
  needs(messageId: string): boolean
  /** A segment was refused for that, and is not acknowledged. {@link Reassembler.lacking$} asks for it once there is room. */
  refused(frame: ReassemblyFrame): void
  /** Segments to be asked for, since there is room for them now, or since the history has forgotten them. Hot. */
  readonly lacking$: Observable<LackingEvent>
  /** Segments of messages that are lost, though they were acknowledged. Hot. */
  readonly disowned$: Observable<DisownedEvent>
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
  /** Ports, oldest first: a message without a lane of its own goes to the first. */
  const lanes = new SparseSet<Lane>()
  const events = new Subject<ReassemblyEvent>()
  const rebuilt = new Subject<RebuiltEvent>()
  const wanted = new Subject<WantedEvent>()
  const lacking = new Subject<LackingEvent>()
  const disowned = new Subject<DisownedEvent>()

  const route = (output: ReassemblyOutput): void => {
    if (output.type === 'message') {
      const own = output.lane as Lane | undefined
      const lane = own !== undefined && lanes.has(own) ? own : lanes.values().next().value
      return lane?.take(output)
    }
    events.next(output)
    if (output.type === 'rebuilt') rebuilt.next(output)
    else if (output.type === 'wanted') wanted.next(output)
    else if (output.type === 'lacking') lacking.next(output)
    else if (output.type === 'disowned') disowned.next(output)
  }
  const streams = [events, rebuilt, wanted, lacking, disowned]
  driver.tell({
    next: route,
    error: (error: unknown) => {
      for (const stream of streams) stream.error(error)
    },
    complete: () => {
      for (const stream of streams) stream.complete()
    },
  })

  const openPort = <F extends ReassemblyFrame>(out: (frame: F & MessageFrame) => void): Port<F> => {
    const lane: Lane = {
      // The stage gives back the very frame that it was given.
      take: ({ frame, payload, message }) => out({ ...(frame as F), payload, message }),
    }
    lanes.add(lane)
    return {
      push(frame) {
        if (!lanes.has(lane)) return
        check.frame(frame)
        driver.dispatch({ type: 'segment', frame, lane })
      },
      close: () => void lanes.delete(lane),
    }
  }
  return {
    openPort,
    reassemble: () => portOperator(driver, openPort),
    events$: events.asObservable(),
    rebuilt$: rebuilt.asObservable(),
    wanted$: wanted.asObservable(),
    readmit: (segments) => driver.dispatch({ type: 'readmit', ...segments }),
    refusal: (frame) => stage.refusal(frame),
    needs: (messageId) => stage.needs(messageId),
    refused: (frame) => driver.dispatch({ type: 'refused', frame }),
    lacking$: lacking.asObservable(),
    disowned$: disowned.asObservable(),
    offer: (parked) => driver.dispatch({ type: 'offer', parked }),
    stats: () => stage.stats(),
    close() {
      started?.unsubscribe()
      driver.close()
    },
  }
}

/** Where the messages go that the frames of one port have completed. */
interface Lane {
  readonly take: (output: Extract<ReassemblyOutput, { type: 'message' }>) => void
}
