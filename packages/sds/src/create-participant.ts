import { type Driver, type Frame, createDriver, portOperator } from '@reliable-channels/stage'
import {
  type Observable,
  type OperatorFunction,
  Subject,
  asyncScheduler,
  concat,
  defer,
  distinctUntilChanged,
  of,
} from 'rxjs'
import { check } from './core/check-settings.ts'
import type { SdsEvent, SdsHealth } from './core/event.ts'
import type {
  DispatchOutcome,
  FrameKind,
  FrameToEncode,
  ParkedMessage,
  SdsInput,
  SdsOutput,
  TrafficFrame,
  FollowedMessage,
  WantedMessage,
  WaivedId,
} from './core/input.ts'
import { type MemberHeard, type LogMessage, type OutgoingUsage, createSdsStage } from './core/stage.ts'
import { sdsRecords } from './core/store/stored-records.ts'
import type { HistoryEntry } from './core/wire/message.ts'
import {
  type DeliveredFrame,
  type EncodedFrame,
  StagePorts,
  type WrapRequest,
  type WrappedFrame,
} from './ports.ts'
import type { Participant, ParticipantOptions } from './participant.ts'

type SdsStage = ReturnType<typeof createSdsStage>

type SdsDriver = Driver<SdsInput, SdsOutput>

/**
 * Makes a participant.
 *
 * @throws {@link SdsOptionError}
 *
 * @example
 * ```ts
 * const alice = createParticipant({ participantId: 'alice', channelId: 'log' })
 * merge(outgoing$.pipe(alice.wrap()), alice.traffic$).subscribe(send)
 * incoming$.pipe(alice.unwrap()).subscribe(({ senderId, payload }) => append(senderId, payload))
 * ```
 */
export function createParticipant(options: ParticipantOptions): Participant {
  check.object('options', options, 'an object with "participantId" and "channelId"')
  const {
    random = Math.random,
    scheduler = asyncScheduler,
    unitOfWork,
    write,
    onWriteError,
    keyPrefix,
    restore = [],
  } = options
  const stage = createSdsStage(
    // Not of `random`: what that gives should not depend on how ids are kept.
    {
      hashKey: (hashKeyOfAll ??= randomKey()),
      writer: randomKey(),
      ...options,
      random,
    },
    sdsRecords(restore, unitOfWork?.persistent ?? write !== undefined),
  )
  const driver = createDriver<SdsInput, SdsOutput>(stage, {
    scheduler,
    onLate: (lateMs) => ({ type: 'suspended', lateMs }),
    ...(unitOfWork !== undefined && { unitOfWork }),
    ...(write !== undefined && { write }),
    ...(onWriteError !== undefined && { onWriteError }),
    ...(keyPrefix !== undefined && { keyPrefix }),
  })
  const participant = new StageParticipant(stage, driver)
  // Once everybody has subscribed: what was restored may be sent and delivered.
  scheduler.schedule(() => driver.dispatch({ type: 'start' }))
  return participant
}

/** A class and not functions around variables: a process has thousands, and what they hold counts. */
class StageParticipant implements Participant {
  readonly ports: StagePorts
  readonly #stage: SdsStage
  readonly #driver: SdsDriver
  readonly #traffic = new Subject<TrafficFrame>()
  readonly #parked = new Subject<ParkedMessage>()
  readonly #events = new Subject<SdsEvent>()
  readonly #healths = new Subject<SdsHealth>()
  readonly traffic$: Observable<TrafficFrame> = this.#traffic.asObservable()
  readonly parked$: Observable<ParkedMessage> = this.#parked.asObservable()
  readonly events$: Observable<SdsEvent> = this.#events.asObservable()

  constructor(stage: SdsStage, driver: SdsDriver) {
    this.#stage = stage
    this.#driver = driver
    this.ports = new StagePorts(driver)
    driver.tell({
      next: (output) => this.#route(output),
      error: (error: unknown) => {
        for (const stream of this.#streams()) stream.error(error)
      },
      complete: () => {
        for (const stream of this.#streams()) stream.complete()
      },
    })
  }

  wrap<F extends Frame>(): OperatorFunction<F & WrapRequest, F & WrappedFrame> {
    return portOperator(this.#driver, (out) => this.ports.wrap<F>(out))
  }

  encode<F extends FrameToEncode>(onDrop?: (frame: F) => void): OperatorFunction<F, F & EncodedFrame> {
    return portOperator(this.#driver, (out) => this.ports.encode<F>(out, onDrop))
  }

  unwrap<F extends Frame>(): OperatorFunction<F, F & DeliveredFrame> {
    return portOperator(this.#driver, (out) => this.ports.unwrap<F>(out))
  }

  get health$(): Observable<SdsHealth> {
    return defer(() => concat(of(this.#stage.health()), this.#healths)).pipe(
      distinctUntilChanged((a, b) => a.state === b.state && a.missing === b.missing && a.lost === b.lost),
    )
  }

  health(): SdsHealth {
    return this.#stage.health()
  }

  get outgoing(): OutgoingUsage {
    return this.#stage.outgoing()
  }

  dispatchEnded(messageId: string, outcome: DispatchOutcome, kind?: FrameKind): void {
    this.#driver.dispatch({ type: 'dispatch-ended', messageId, outcome, kind })
  }

  withdrawn({ messageId, kind }: Pick<TrafficFrame, 'messageId' | 'kind'>): void {
    this.#driver.dispatch({ type: 'withdrawn', frame: { messageId, kind } })
  }

  abandon(messageIds: readonly string[]): boolean {
    const answer = { open: true, taken: false }
    this.#driver.dispatch({ type: 'abandon', messageIds, answer })
    answer.open = false
    return answer.taken
  }

  waive(messages: readonly WaivedId[], dependents: readonly string[] = []): void {
    this.#driver.dispatch({ type: 'waive', messages, dependents })
  }

  follow(messages: readonly FollowedMessage[]): void {
    this.#driver.dispatch({ type: 'follow', messages })
  }

  sendAgain(messageIds: readonly string[], by: string): void {
    this.#driver.dispatch({ type: 'send-again', messageIds, by })
  }

  want(messages: readonly WantedMessage[]): void {
    this.#driver.dispatch({ type: 'want', messages })
  }

  disown(messageIds: readonly string[]): void {
    this.#driver.dispatch({ type: 'disown', messageIds })
  }

  isUnacknowledged(messageId: string): boolean {
    return this.#stage.isUnacknowledged(messageId)
  }

  missing(): readonly HistoryEntry[] {
    return this.#stage.missing()
  }

  contentOf(messageId: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#stage.contentOf(messageId)
  }

  members(): readonly MemberHeard[] {
    return this.#stage.members()
  }

  log(before: string | undefined, count: number): readonly LogMessage[] {
    return this.#stage.log(before, count)
  }

  sayLastWord(): void {
    this.#driver.dispatch({ type: 'last-word' })
  }

  close(): void {
    this.#driver.close()
  }

  /** Hands each output to those it is for, and to nobody else. */
  #route(output: SdsOutput): void {
    switch (output.type) {
      case 'wrapped':
      case 'encoded':
      case 'not-encoded':
      case 'delivered':
        return this.ports.take(output)
      case 'traffic':
        return this.#traffic.next(output.frame)
      case 'parked':
        return this.#parked.next(output.message)
      case 'event':
        return this.#events.next(output.event)
      case 'health':
        return this.#healths.next(output.health)
    }
  }

  #streams(): readonly Pick<Subject<unknown>, 'error' | 'complete'>[] {
    return [this.#traffic, this.#parked, this.#events, this.#healths]
  }
}

/** One for all participants of the process: with it they share what they know of ids. */
let hashKeyOfAll: number | undefined

/** A number in [0, 1) that nobody can guess from others. */
function randomKey(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53
}
