import { SparseSet } from '@reliable-channels/stage/core'
import {
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
  Subject,
  type Subscription,
  asyncScheduler,
  defer,
  filter,
  map,
  startWith,
} from 'rxjs'
import {
  type Driver,
  type Port,
  type UnitOfWork,
  checkDriverOptions,
  createDriver,
  portOperator,
} from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import { check } from './core/plan.ts'
import { createReassemblyStage, type ReassemblyStats } from './core/reassembly-stage.ts'
import type { ParkedSegment, ReassemblyInput, ReadmittedSegments } from './core/reassembly-input.ts'
import type { ReassemblyFrame, MessageFrame } from './core/reassembly-frame.ts'
import type {
  ReassemblyOutput,
  DisownedEvent,
  LackingEvent,
  ReassemblyEvent,
  RebuiltEvent,
  SegmentRejectReason,
  WantedEvent,
} from './core/reassembly-output.ts'
import type { ReassemblyStageOptions } from './core/reassembly-options.ts'

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
  /** The same: now, and whenever something has happened to a segment. */
  readonly stats$: Observable<ReassemblyStats>
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
  return new StageReassembler(options)
}

type StageOfReassembly = ReturnType<typeof createReassemblyStage>

/** A class and not functions around variables: a process has thousands, and what they hold counts. */
class StageReassembler implements Reassembler {
  readonly #stage: StageOfReassembly
  readonly #driver: Driver<ReassemblyInput, ReassemblyOutput>
  /** Ports, oldest first: a message without a lane of its own goes to the first. */
  readonly #lanes = new SparseSet<Lane>()
  readonly #events = new Subject<ReassemblyEvent>()
  /** Emits after each output; made for who asks. */
  #happened: Subject<void> | undefined
  readonly #started: Subscription | undefined

  constructor(options: ReassemblerOptions) {
    const {
      scheduler = asyncScheduler,
      persistent = options.unitOfWork?.persistent ?? options.write !== undefined,
    } = options
    this.#stage = createReassemblyStage({ restoredAt: scheduler.now(), ...options, persistent })
    this.#driver = createDriver(this.#stage, {
      ...options,
      onLate: (lateMs): ReassemblyInput => ({ type: 'suspended', lateMs }),
    })
    // Once everybody has subscribed: what restoring has changed is stored and told, and what was restored may expire.
    this.#started = options.restore && scheduler.schedule(() => this.#driver.dispatch({ type: 'start' }))
    this.#driver.tell({
      next: (output) => this.#route(output),
      error: (error: unknown) => this.#events.error(error),
      complete: () => {
        this.#events.complete()
        this.#happened?.complete()
      },
    })
  }

  get events$(): Observable<ReassemblyEvent> {
    return this.#events.asObservable()
  }

  get rebuilt$(): Observable<RebuiltEvent> {
    return this.#of('rebuilt')
  }

  get wanted$(): Observable<WantedEvent> {
    return this.#of('wanted')
  }

  get lacking$(): Observable<LackingEvent> {
    return this.#of('lacking')
  }

  get disowned$(): Observable<DisownedEvent> {
    return this.#of('disowned')
  }

  reassemble<F extends ReassemblyFrame>(): OperatorFunction<F, F & MessageFrame> {
    return portOperator(this.#driver, (out) => this.openPort<F>(out))
  }

  openPort<F extends ReassemblyFrame>(out: (frame: F & MessageFrame) => void): Port<F> {
    const lane: Lane = {
      // The stage gives back the very frame that it was given.
      take: ({ frame, payload, message }) => out({ ...(frame as F), payload, message }),
    }
    this.#lanes.add(lane)
    return {
      push: (frame) => {
        if (!this.#lanes.has(lane)) return
        check.frame(frame)
        this.#driver.dispatch({ type: 'segment', frame, lane })
      },
      close: () => void this.#lanes.delete(lane),
    }
  }

  offer(parked: readonly ParkedSegment[]): void {
    this.#driver.dispatch({ type: 'offer', parked })
  }

  readmit(segments: ReadmittedSegments): void {
    this.#driver.dispatch({ type: 'readmit', ...segments })
  }

  refusal(frame: ReassemblyFrame): SegmentRejectReason | undefined {
    return this.#stage.refusal(frame)
  }

  needs(messageId: string): boolean {
    return this.#stage.needs(messageId)
  }

  refused(frame: ReassemblyFrame): void {
    this.#driver.dispatch({ type: 'refused', frame })
  }

  stats(): ReassemblyStats {
    return this.#stage.stats()
  }

  get stats$(): Observable<ReassemblyStats> {
    return defer(() => (this.#happened ??= new Subject())).pipe(
      startWith(undefined),
      map(() => this.stats()),
    )
  }

  close(): void {
    this.#started?.unsubscribe()
    this.#driver.close()
  }

  #of<T extends ReassemblyEvent['type']>(
    type: T,
  ): Observable<Extract<ReassemblyEvent, { readonly type: T }>> {
    return this.#events.pipe(filter((event) => event.type === type)) as never
  }

  #route(output: ReassemblyOutput): void {
    if (output.type === 'message') {
      const own = output.lane as Lane | undefined
      const lane = own !== undefined && this.#lanes.has(own) ? own : this.#lanes.values().next().value
      lane?.take(output)
    } else this.#events.next(output)
    this.#happened?.next()
  }
}

/** Where the messages go that the frames of one port have completed. */
interface Lane {
  readonly take: (output: Extract<ReassemblyOutput, { type: 'message' }>) => void
}
