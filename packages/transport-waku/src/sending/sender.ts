import type { ConnectionProblem, Envelope, OutgoingHash, TransportEvent } from '@reliable-channels/transport'
import type { Subject } from 'rxjs'

import { asError } from '../as-error.ts'
import { carrierOf } from './carrier.ts'
import { type Asking, awaitStored, findInDoubt, findPerhapsTaken } from './confirming.ts'
import type { WakuDiagnostic } from '../diagnostics.ts'
import { ServiceError } from '../errors.ts'
import type { WireMessage } from '../core/message.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Echo, Outgoing, TakenMessage } from './outgoing.ts'
import type { Presence } from '../store/presence.ts'
import { OutgoingQueue } from './outgoing-queue.ts'
import { Requests } from './requests.ts'
import type { Services } from '../services.ts'
import type { Status } from '../core/status.ts'
import { Stamping } from './stamping.ts'
import { verdictOf } from './verdict.ts'
import { withTimeout } from '../with-timeout.ts'

/** The real node counts light pushes in windows of ten seconds. */
const TOO_OFTEN_PAUSE_MS = 10_000
/** The longest that closing waits for pushes under way: one of them may be the last word of a channel. */
const FINISH_MS = 1_000

/** The parts of the transport that the sender needs. */
export interface SenderHost {
  readonly services: Services
  readonly options: ResolvedOptions
  readonly presence: Presence
  readonly signal: AbortSignal
  readonly diagnose: (diagnostic: WakuDiagnostic) => void
  /** Why messages to a pubsub topic do not get anywhere, where that is known. */
  readonly why: (pubsubTopic: string) => ConnectionProblem | undefined
  /** Told of the hash of each message before it leaves. */
  readonly onStamped: (of: OutgoingHash) => void
  /** Told of each message that a service node took. */
  readonly onTaken: (taken: TakenMessage) => void
}

/** Gets messages to service nodes: reads what they answer, and has what was not taken pushed again or elsewhere. */
export class Sender {
  readonly #host: SenderHost
  readonly #requests: Requests
  readonly #queue: OutgoingQueue
  readonly #stamping: Stamping
  readonly #asking: Asking

  constructor(host: SenderHost) {
    this.#host = host
    const { services, options, presence, signal } = host
    this.#asking = { presence, scheduler: options.scheduler, signal }
    this.#queue = new OutgoingQueue({
      services,
      options,
      signal,
      push: (outgoing, peer) => this.#push(outgoing, peer),
      unreachable: (outgoing) => this.#giveUp(outgoing, this.#unreachable(outgoing)),
      tooFew: (outgoing) => this.#giveUp(outgoing, this.#tooFew(outgoing)),
    })
    this.#stamping = new Stamping(options, host.onStamped)
    this.#requests = new Requests(options, {
      ended: (outgoing) => this.#stamping.forget(outgoing),
      overdue: (outgoing) => this.#overdue(outgoing),
    })
  }

  get events$(): Subject<TransportEvent> {
    return this.#requests.events$
  }

  /** Requests not yet ended, those not yet accepted included. */
  get size(): number {
    return this.#requests.size
  }

  /**
   * Accepts a request, at once or when there are fewer; what becomes of it is seen on {@link Sender.events$}.
   * Whoever waits for being accepted thereby sends no faster than the service nodes take. Its hash is told before anything
   * else is sent, so that what is sent next can name it; it is another if the message waits for long.
   */
  async send(envelope: Envelope): Promise<string> {
    const accepted = this.#requests.accept(envelope, carrierOf(envelope, this.#host.services))
    const outgoing = accepted instanceof Promise ? await accepted : accepted
    this.#stamping.stamp(outgoing)
    this.#queue.add(outgoing)
    return outgoing.requestId
  }

  /** Which of the requests that have not ended this message is of, if it is; found without its hash. */
  recognise(pubsubTopic: string, message: WireMessage): Echo | undefined {
    return this.#stamping.recognise(pubsubTopic, message)
  }

  /**
   * The message with this hash was delivered to ourselves: proof that a service node has it.
   *
   * @returns Whether it is one of the requests not yet ended.
   */
  echo(hash: string): boolean {
    const outgoing = this.#stamping.find(hash)
    if (outgoing === undefined) return false
    outgoing.echoed = true
    // No answer to wait for, and no need to ask another one.
    const [peer] = [...outgoing.tried].slice(-1)
    if (peer !== undefined && outgoing.pushing === 0 && outgoing.takenBy.size === 0)
      this.#taken(outgoing, peer)
    return true
  }

  /** Takes nothing more; resolves when the pushes under way have ended, if they do so soon. `undefined`: there are none. */
  finish(): Promise<unknown> | undefined {
    this.#requests.close()
    const pushed = this.#queue.pushed()
    const { scheduler } = this.#host.options
    return pushed && withTimeout(scheduler, FINISH_MS, undefined, () => pushed).catch(() => {})
  }

  /** Ends every request: the node stopped, or the transport is closed. */
  failAll(error: Error): void {
    this.#queue.clear()
    this.#requests.failAll(error)
  }

  /** The service nodes are others: perhaps more may be pushed now. */
  pump(): void {
    this.#queue.pump()
  }

  async #push(outgoing: Outgoing, peer: string): Promise<void> {
    const { signal, options } = this.#host
    if (this.#stamping.isDoubtful(outgoing) && !(await this.#isMissing(outgoing, peer))) {
      this.#queue.pacer.end(peer, 'abandoned')
      return
    }
    try {
      const status = await this.#ask(outgoing, peer)
      const verdict = verdictOf(status)
      if (verdict === 'too-often') {
        this.#tooOften(outgoing, peer)
        return
      }
      this.#queue.pacer.end(peer, 'answered')
      if (verdict === 'taken') this.#taken(outgoing, peer)
      else if (verdict === 'perhaps' && !outgoing.ended) void this.#settle(outgoing, peer)
      else this.#declined(outgoing, peer, verdict === 'never', describe(status), status.code)
    } catch (error) {
      if (signal.aborted) {
        this.#queue.pacer.end(peer, 'abandoned')
        return
      }
      // It may have been taken all the same: the next one then says 505, or the echo tells, or a store.
      outgoing.inDoubt = true
      outgoing.mayBeTaken = true
      this.#queue.pacer.fail(peer, options.scheduler.now())
      this.#declined(outgoing, peer, false, error)
    }
  }

  async #ask(outgoing: Outgoing, peer: string): Promise<Status> {
    const { services, options, signal } = this.#host
    const { scheduler, requestTimeoutMs } = options
    const { requestId, pubsubTopic } = outgoing
    const { message } = this.#stamping.stamp(outgoing)
    outgoing.pushing++
    outgoing.attempts++
    outgoing.tried.add(peer)
    outgoing.firstPushMs ??= scheduler.now()
    try {
      return await withTimeout(scheduler, requestTimeoutMs, signal, (limit) =>
        services.push(peer, { requestId, pubsubTopic, message }, limit),
      )
    } finally {
      outgoing.pushing--
    }
  }

  /**
   * Whether an old message in doubt is really missing, as a store says, and is to be pushed as another one: with its old
   * stamp it would be taken and kept nowhere. Where no store answers it counts as missing: twice is better than never.
   */
  async #isMissing(outgoing: Outgoing, peer: string): Promise<boolean> {
    const finding = await findInDoubt(outgoing, this.#asking)
    if (finding === 'over' || outgoing.takenBy.size > 0) return false
    if (finding === 'there') {
      const [before = peer] = [...outgoing.tried].filter((tried) => tried !== peer).slice(-1)
      this.#taken(outgoing, before)
      return false
    }
    outgoing.inDoubt = false
    if (finding === 'not-there') outgoing.mayBeTaken = false
    return true
  }

  /** The service node is left alone, and the attempt does not count, unless this has gone on for too long. */
  #tooOften(outgoing: Outgoing, peer: string): void {
    const { scheduler, giveUpMs } = this.#host.options
    const now = scheduler.now()
    this.#queue.pacer.pause(peer, now, TOO_OFTEN_PAUSE_MS)
    this.#host.diagnose({ type: 'rate-limited', peer, pauseMs: TOO_OFTEN_PAUSE_MS })
    outgoing.attempts--
    outgoing.tried.delete(peer)
    if (outgoing.ended) return
    if (now - (outgoing.firstPushMs ?? now) > giveUpMs) {
      const error = `asked too often (429), for more than ${giveUpMs} ms; lower pushesPerSecond`
      this.#giveUp(outgoing, new ServiceError(peer, error, { status: 429 }))
    } else this.#queue.retryAt(outgoing, now)
  }

  /** 505: taken if it came back to us or a store has it, as is the case when the service node knew the message already. */
  async #settle(outgoing: Outgoing, peer: string): Promise<void> {
    outgoing.inDoubt = true
    outgoing.mayBeTaken = true
    // Others have it and it is no news to this one.
    if (outgoing.takenBy.size > 0) {
      this.#taken(outgoing, peer)
      return
    }
    const finding = await findPerhapsTaken(outgoing, this.#asking)
    if (finding === 'over') return
    if (finding === 'there') {
      this.#taken(outgoing, peer)
      this.pump()
      return
    }
    const reason = 'the service node has nobody to hand the message to, and no store has it'
    this.#declined(outgoing, peer, false, reason, 505)
    this.pump()
  }

  #declined(outgoing: Outgoing, peer: string, never: boolean, reason: unknown, status?: number): void {
    const { options, diagnose } = this.#host
    if (outgoing.ended) return
    if (outgoing.echoed) {
      this.#taken(outgoing, peer)
      return
    }
    const final = never || outgoing.attempts >= options.maxAttempts
    const { message } = asError(reason)
    diagnose({
      type: 'push-failed',
      peer,
      requestId: outgoing.requestId,
      hash: outgoing.stamped!.hash,
      ...(status !== undefined && { status }),
      error: message,
      final,
    })
    if (final) {
      const cause = new ServiceError(peer, message, {
        ...(status !== undefined && { status }),
        ...(reason instanceof Error && { cause: reason }),
      })
      if (outgoing.takenBy.size > 0) this.#giveUp(outgoing, this.#tooFew(outgoing, cause))
      else if (never || !outgoing.inDoubt || outgoing.message.ephemeral) this.#giveUp(outgoing, cause)
      else void this.#lastLook(outgoing, peer, cause)
      return
    }
    const now = options.scheduler.now()
    // Others may be asked at once, the same ones later, and later each time.
    outgoing.againAtMs = now + Math.min(100 * 2 ** outgoing.attempts, 5000) * (0.75 + options.random() / 2)
    this.#queue.retryAt(outgoing, now)
  }

  /** After the last attempt, one that was not answered may still have been taken. */
  async #lastLook(outgoing: Outgoing, peer: string, cause: Error): Promise<void> {
    const finding = await findInDoubt(outgoing, this.#asking)
    if (finding === 'over') return
    if (finding === 'there') this.#taken(outgoing, peer)
    else {
      if (finding === 'not-there') outgoing.mayBeTaken = false
      this.#giveUp(outgoing, cause)
    }
    this.pump()
  }

  #taken(outgoing: Outgoing, peer: string): void {
    const { options } = this.#host
    if (outgoing.ended) return
    outgoing.takenBy.add(peer)
    const { message, pubsubTopic, stamped } = outgoing
    if (this.#requests.propagated(outgoing)) this.#host.onTaken({ hash: stamped!.hash, pubsubTopic, message })
    if (outgoing.takenBy.size < options.confirmPeers) {
      this.#queue.retryAt(outgoing, options.scheduler.now())
    } else if (options.confirm === 'store' && !message.ephemeral) {
      if (!outgoing.confirming) void this.#confirm(outgoing)
    } else this.#requests.sent(outgoing)
  }

  /** Waits until a store has it, for so long at most. Half-way one more service node gets it: the first may have lost it. */
  async #confirm(outgoing: Outgoing): Promise<void> {
    const { options, diagnose } = this.#host
    const { requestId } = outgoing
    const { hash } = outgoing.stamped!
    outgoing.confirming = true
    const pushAgain = (): void => {
      this.#queue.retryAt(outgoing, options.scheduler.now())
      this.pump()
    }
    const finding = await awaitStored(outgoing, options.confirmStoreMs, pushAgain, this.#asking)
    if (finding === 'over') return
    if (finding === 'not-there') diagnose({ type: 'store-unconfirmed', requestId, hash })
    this.#requests.sent(outgoing)
  }

  #unreachable({ pubsubTopic }: Outgoing): Error {
    const why = this.#host.why(pubsubTopic)
    const error = `no service node was reachable for ${this.#host.options.giveUpMs} ms`
    if (why === undefined) return new Error(error)
    return new Error(`${error}: ${why.message}`, { cause: why.cause ?? why })
  }

  #tooFew({ takenBy }: Outgoing, cause?: unknown): Error {
    return new Error(
      `${takenBy.size} of ${this.#host.options.confirmPeers} service nodes took the message`,
      cause === undefined ? {} : { cause },
    )
  }

  /** Whatever happened to it, it ends now, so that whoever waits for its outcome may rely on a limit. */
  #overdue(outgoing: Outgoing): void {
    const { confirmPeers, giveUpMs } = this.#host.options
    if (outgoing.takenBy.size >= confirmPeers) this.#requests.sent(outgoing)
    else if (outgoing.takenBy.size > 0) this.#requests.fail(outgoing, this.#tooFew(outgoing))
    else
      this.#requests.fail(outgoing, new Error(`no service node took the message within ${2 * giveUpMs} ms`))
  }

  /** It is pushed no more; unless enough service nodes have it, and only a store is still asked, it has failed. */
  #giveUp(outgoing: Outgoing, cause: Error): void {
    if (outgoing.confirming !== true) this.#requests.fail(outgoing, cause)
  }
}

function describe({ code, text }: { readonly code: number; readonly text: string }): string {
  return `the service node declined: ${code}${text === '' ? '' : ` ${text}`}`
}
