import { bytesToHex } from '@noble/hashes/utils.js'
import {
  type Envelope,
  InvalidEnvelopeError,
  type TransportEvent,
  TransportClosedError,
  checkEnvelope,
} from '@reliable-channels/transport'
import { Subject, type Subscription } from 'rxjs'

import { Pacer } from './core/pacer.ts'
import { MAX_GOSSIP_BYTES, MAX_PAYLOAD_BYTES, gossipBytes } from './core/size.ts'
import type { WakuDiagnostic } from './diagnostics.ts'
import { ServiceError } from './errors.ts'
import { Intake } from './intake.ts'
import type { ResolvedOptions } from './options.ts'
import type { Presence } from './presence.ts'
import type { Services } from './services.ts'
import { type Outgoing, Lane } from './lane.ts'
import { Stamping } from './stamping.ts'
import { verdictOf } from './verdict.ts'
import { wait, withTimeout } from './with-timeout.ts'

/** The real node counts light pushes in windows of ten seconds. */
const TOO_OFTEN_PAUSE_MS = 10_000
/** How often it is looked whether there are more service nodes when a message needs one more. */
const LOOK_AGAIN_MS = 1000
/** Waits before each question whether a store has a message that a service node perhaps took, ms. */
const SETTLE_AFTER_MS = [0, 500, 1500] as const
/** Waits between two questions whether a store has a message that was taken, ms; the last one repeats. */
const CONFIRM_EVERY_MS = [500, 1000, 2000, 4000] as const

/** A message that a service node took. */
export interface TakenMessage extends Pick<Outgoing, 'pubsubTopic' | 'message'> {
  readonly hash: string
}

/** What the sender needs of the rest of the transport. */
export interface SenderHost {
  readonly services: Services
  readonly options: ResolvedOptions
  readonly presence: Presence
  readonly signal: AbortSignal
  readonly diagnose: (diagnostic: WakuDiagnostic) => void
  /** Told of the hash of each message before it leaves. */
  readonly onStamped: (hash: string) => void
  /** Told of each message that a service node took. */
  readonly onTaken: (taken: TakenMessage) => void
}

/**
 * Gets messages to service nodes: one queue for each pubsub topic, paced for each service node, retried on others,
 * and each request ended exactly once.
 */
export class Sender {
  readonly #host: SenderHost
  readonly #events = new Subject<TransportEvent>()
  readonly #pacer: Pacer
  readonly #stamping: Stamping
  readonly #intake: Intake
  readonly #lanes = new Map<string, Lane>()
  /** All requests that were accepted and have not ended. */
  readonly #open = new Set<Outgoing>()
  #inFlight = 0
  #timer: Subscription | undefined
  #timerAt = Infinity
  #pumping = false

  constructor(host: SenderHost) {
    this.#host = host
    const { pushesPerSecond, pushBurst } = host.options
    this.#pacer = new Pacer({ perSecond: pushesPerSecond, burst: pushBurst })
    this.#stamping = new Stamping(host.options, host.onStamped)
    this.#intake = new Intake(host.options)
  }

  get events$(): Subject<TransportEvent> {
    return this.#events
  }

  /** Requests not yet ended, those not yet accepted included. */
  get size(): number {
    return this.#intake.size
  }

  /**
   * Accepts a request, at once or when there are fewer; what becomes of it is seen on {@link Sender.events$}.
   * Whoever waits for being accepted thereby sends no faster than the service nodes take.
   */
  async send(envelope: Envelope): Promise<string> {
    const pubsubTopic = this.#check(envelope)
    await this.#intake.enter(envelope.payload.length)
    if (this.#host.signal.aborted) {
      // Closed in the moment in which it was accepted.
      this.#intake.next()
      this.#intake.left(envelope.payload.length)
      throw closedError()
    }
    return this.#accept(envelope, pubsubTopic)
  }

  #check(envelope: Envelope): string {
    checkEnvelope(envelope, MAX_PAYLOAD_BYTES)
    const pubsubTopic = this.#host.services.pubsubTopicOf(envelope.contentTopic)
    if (gossipBytes(pubsubTopic, envelope) > MAX_GOSSIP_BYTES) {
      const { contentTopic, payload } = envelope
      throw new InvalidEnvelopeError(
        `the content topic of ${contentTopic.length} characters leaves no room for ${payload.length} bytes ` +
          `of payload: the network carries ${MAX_GOSSIP_BYTES} bytes in all; use a shorter content topic or smaller segments`,
      )
    }
    return pubsubTopic
  }

  #accept({ contentTopic, ephemeral, payload, meta }: Envelope, pubsubTopic: string): string {
    const outgoing: Outgoing = {
      requestId: this.#requestId(),
      pubsubTopic,
      message: { contentTopic, ephemeral, payload, ...(meta !== undefined && meta.length > 0 && { meta }) },
      acceptedAtMs: this.#host.options.scheduler.now(),
      inDoubt: false,
      takenBy: new Set(),
      tried: new Set(),
      pushing: 0,
      attempts: 0,
      againAtMs: 0,
      echoed: false,
      propagated: false,
      ended: false,
    }
    this.#open.add(outgoing)
    this.#lane(pubsubTopic).add(outgoing)
    queueMicrotask(() => this.pump())
    return outgoing.requestId
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

  /** Ends every request: the node stopped, or the transport is closed. */
  failAll(error: Error): void {
    this.#timer?.unsubscribe()
    this.#timerAt = Infinity
    this.#lanes.clear()
    this.#intake.rejectWaiting(error)
    for (const outgoing of [...this.#open]) this.#fail(outgoing, error)
  }

  /** Pushes what may be pushed now, and comes back when more may. */
  pump(): void {
    if (this.#pumping || this.#host.signal.aborted) return
    this.#pumping = true
    let next = Infinity
    for (const [pubsubTopic, lane] of this.#lanes) {
      next = Math.min(next, this.#pumpLane(pubsubTopic, lane))
      if (lane.isEmpty) this.#lanes.delete(pubsubTopic)
    }
    this.#pumping = false
    this.#wakeAt(next)
  }

  /** Returns when there is more to do, ms. */
  #pumpLane(pubsubTopic: string, lane: Lane): number {
    const { services, options } = this.#host
    const now = options.scheduler.now()
    const peers = services.isStarted ? services.peers('lightPush', pubsubTopic) : []
    if (peers.length === 0) return this.#withoutPeers(lane, now)
    lane.offlineSinceMs = undefined
    while (this.#inFlight < options.maxConcurrentPushes) {
      const outgoing = lane.next(now)
      if (outgoing === undefined) return lane.nextRetryMs
      const untried = peers.filter((peer) => !outgoing.tried.has(peer))
      const again = peers.filter((peer) => outgoing.tried.has(peer) && !outgoing.takenBy.has(peer))
      const peer =
        this.#pacer.choose(untried, now) ??
        (outgoing.againAtMs <= now ? this.#pacer.choose(again, now) : undefined)
      if (peer === undefined) {
        const wakeAt = Math.min(
          ...untried.map((candidate) => this.#pacer.readyAt(candidate, now)),
          ...again.map((candidate) => Math.max(this.#pacer.readyAt(candidate, now), outgoing.againAtMs)),
        )
        if (outgoing.attempts === 0) {
          // Nobody may be asked now, so that what comes behind has to wait as well.
          lane.putBack(outgoing)
          return wakeAt
        }
        this.#later(lane, outgoing, now, wakeAt)
        continue
      }
      void this.#push(outgoing, peer)
    }
    return Infinity
  }

  /** One that was tried before waits for a service node of its own; when there is none, for so long at most. */
  #later(lane: Lane, outgoing: Outgoing, now: number, atMs: number): void {
    if (atMs !== Infinity) lane.retryAt(outgoing, atMs)
    else if (now - outgoing.acceptedAtMs > this.#host.options.giveUpMs) {
      this.#fail(outgoing, this.#tooFew(outgoing))
    } else lane.retryAt(outgoing, now + LOOK_AGAIN_MS)
  }

  /** Nobody to push to: what has waited for too long is given up. */
  #withoutPeers(lane: Lane, now: number): number {
    const { giveUpMs } = this.#host.options
    lane.offlineSinceMs ??= now
    let next = Infinity
    for (const outgoing of lane.waiting()) {
      const giveUpAt = Math.max(outgoing.acceptedAtMs, lane.offlineSinceMs) + giveUpMs
      if (giveUpAt <= now) {
        this.#fail(outgoing, new Error(`no service node was reachable for ${giveUpMs} ms`))
      } else next = Math.min(next, giveUpAt)
    }
    return next
  }

  async #push(outgoing: Outgoing, peer: string): Promise<void> {
    const { services, options, signal } = this.#host
    const { scheduler, requestTimeoutMs } = options
    const { requestId, pubsubTopic } = outgoing
    const { encoded } = this.#stamping.stamp(outgoing)
    this.#inFlight++
    outgoing.pushing++
    outgoing.attempts++
    outgoing.tried.add(peer)
    outgoing.firstPushMs ??= scheduler.now()
    this.#pacer.begin(peer, scheduler.now())
    try {
      const status = await withTimeout(scheduler, requestTimeoutMs, signal, (limit) =>
        services.push(peer, { requestId, pubsubTopic, message: encoded }, limit),
      )
      const verdict = verdictOf(status)
      if (verdict === 'too-often') {
        this.#tooOften(outgoing, peer)
        return
      }
      this.#pacer.end(peer, 'answered')
      if (verdict === 'taken') this.#taken(outgoing, peer)
      else if (verdict === 'perhaps' && !outgoing.ended) void this.#settle(outgoing, peer)
      else this.#declined(outgoing, peer, verdict === 'never', describe(status), status.code)
    } catch (error) {
      if (signal.aborted) {
        this.#pacer.end(peer, 'abandoned')
        return
      }
      outgoing.inDoubt = true
      // It may have been taken all the same: the next one then says 505, or the echo tells.
      this.#pacer.fail(peer, scheduler.now())
      this.#declined(outgoing, peer, false, error)
    } finally {
      this.#inFlight--
      outgoing.pushing--
      this.pump()
    }
  }

  /** The service node is left alone, and the attempt does not count, unless this has gone on for too long. */
  #tooOften(outgoing: Outgoing, peer: string): void {
    const { scheduler, giveUpMs } = this.#host.options
    const now = scheduler.now()
    this.#pacer.pause(peer, now, TOO_OFTEN_PAUSE_MS)
    this.#host.diagnose({ type: 'rate-limited', peer, pauseMs: TOO_OFTEN_PAUSE_MS })
    outgoing.attempts--
    outgoing.tried.delete(peer)
    if (outgoing.ended) return
    if (now - (outgoing.firstPushMs ?? now) > giveUpMs) {
      const error = `asked too often (429), for more than ${giveUpMs} ms; lower pushesPerSecond`
      this.#fail(outgoing, new ServiceError(peer, error, { status: 429 }))
    } else this.#lane(outgoing.pubsubTopic).retryAt(outgoing, now)
  }

  /** 505: taken if it came back to us or a store has it (trap 18: so it is for the same message a second time). */
  async #settle(outgoing: Outgoing, peer: string): Promise<void> {
    const { options, presence, signal } = this.#host
    const { pubsubTopic, message, stamped } = outgoing
    outgoing.inDoubt = true
    // Others have it and it is no news to this one.
    if (outgoing.takenBy.size > 0) {
      this.#taken(outgoing, peer)
      return
    }
    try {
      for (const afterMs of SETTLE_AFTER_MS) {
        if (afterMs > 0) await wait(options.scheduler, afterMs, signal)
        if (outgoing.ended) return
        const isThere =
          outgoing.echoed ||
          (!message.ephemeral && (await presence.of(pubsubTopic, stamped!.hash)) === true) ||
          outgoing.echoed
        if (isThere) {
          this.#taken(outgoing, peer)
          this.pump()
          return
        }
      }
    } catch {
      // Closed meanwhile, which has ended every request.
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
    const message = reason instanceof Error ? reason.message : String(reason)
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
      this.#fail(outgoing, outgoing.takenBy.size > 0 ? this.#tooFew(outgoing, cause) : cause)
      return
    }
    const now = options.scheduler.now()
    // Others may be asked at once, the same ones later, and later each time.
    outgoing.againAtMs = now + Math.min(100 * 2 ** outgoing.attempts, 5000) * (0.75 + options.random() / 2)
    this.#lane(outgoing.pubsubTopic).retryAt(outgoing, now)
  }

  #taken(outgoing: Outgoing, peer: string): void {
    const { options } = this.#host
    if (outgoing.ended) return
    outgoing.takenBy.add(peer)
    const { requestId, message } = outgoing
    const { hash } = outgoing.stamped!
    if (!outgoing.propagated) {
      outgoing.propagated = true
      this.#intake.next()
      this.#events.next({ type: 'message-propagated', requestId, hash })
      this.#host.onTaken({ hash, pubsubTopic: outgoing.pubsubTopic, message })
    }
    if (outgoing.takenBy.size < options.confirmPeers) {
      this.#lane(outgoing.pubsubTopic).retryAt(outgoing, options.scheduler.now())
    } else if (options.confirm === 'store' && !message.ephemeral) {
      if (!outgoing.confirming) void this.#confirm(outgoing)
    } else this.#end(outgoing, { type: 'message-sent', requestId, hash })
  }

  /** Waits until a store has it, for so long at most. Half-way one more service node gets it: the first may have lost it. */
  async #confirm(outgoing: Outgoing): Promise<void> {
    const { options, presence, signal, diagnose } = this.#host
    const { scheduler, confirmStoreMs } = options
    const { requestId, pubsubTopic } = outgoing
    const { hash } = outgoing.stamped!
    outgoing.confirming = true
    const startMs = scheduler.now()
    let pushedAgain = false
    try {
      for (let round = 0; ; round++) {
        const leftMs = startMs + confirmStoreMs - scheduler.now()
        if (leftMs <= 0) break
        const everyMs = CONFIRM_EVERY_MS[Math.min(round, CONFIRM_EVERY_MS.length - 1)]!
        await wait(scheduler, Math.min(everyMs, leftMs), signal)
        if (outgoing.ended) return
        if ((await presence.of(pubsubTopic, hash)) === true) {
          this.#end(outgoing, { type: 'message-sent', requestId, hash })
          return
        }
        if (!pushedAgain && scheduler.now() - startMs >= confirmStoreMs / 2) {
          pushedAgain = true
          this.#lane(pubsubTopic).retryAt(outgoing, scheduler.now())
          this.pump()
        }
      }
    } catch {
      // Closed meanwhile, which has ended every request.
      return
    }
    if (outgoing.ended) return
    diagnose({ type: 'store-unconfirmed', requestId, hash })
    this.#end(outgoing, { type: 'message-sent', requestId, hash })
  }

  #tooFew({ takenBy }: Outgoing, cause?: unknown): Error {
    return new Error(
      `${takenBy.size} of ${this.#host.options.confirmPeers} service nodes took the message`,
      cause === undefined ? {} : { cause },
    )
  }

  #fail(outgoing: Outgoing, cause: Error): void {
    const { requestId, stamped } = outgoing
    this.#end(outgoing, {
      type: 'message-error',
      requestId,
      ...(stamped !== undefined && { hash: stamped.hash }),
      error: cause.message,
      cause,
    })
  }

  #end(outgoing: Outgoing, event: TransportEvent): void {
    if (outgoing.ended) return
    outgoing.ended = true
    this.#open.delete(outgoing)
    this.#stamping.forget(outgoing)
    if (!outgoing.propagated) this.#intake.next()
    this.#intake.left(outgoing.message.payload.length)
    this.#events.next(event)
  }

  #lane(pubsubTopic: string): Lane {
    let lane = this.#lanes.get(pubsubTopic)
    if (lane === undefined) this.#lanes.set(pubsubTopic, (lane = new Lane()))
    return lane
  }

  #wakeAt(atMs: number): void {
    if (atMs === Infinity || (atMs >= this.#timerAt && this.#timer?.closed === false)) return
    this.#timer?.unsubscribe()
    this.#timerAt = atMs
    const { scheduler } = this.#host.options
    this.#timer = scheduler.schedule(
      () => {
        this.#timerAt = Infinity
        this.pump()
      },
      Math.max(atMs - scheduler.now(), 1),
    )
  }

  #requestId(): string {
    const { random } = this.#host.options
    return bytesToHex(Uint8Array.from({ length: 10 }, () => Math.floor(random() * 256)))
  }
}

/** What is thrown at a request once the transport is closed. */
export function closedError(): TransportClosedError {
  return new TransportClosedError('the transport was closed before the message was sent')
}

function describe({ code, text }: { readonly code: number; readonly text: string }): string {
  return `the service node declined: ${code}${text === '' ? '' : ` ${text}`}`
}
