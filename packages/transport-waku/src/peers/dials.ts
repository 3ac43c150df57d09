import { type Observable, Subject } from 'rxjs'

import { asError } from '../as-error.ts'
import type { DialFailure } from '../core/connection-problem.ts'
import {
  type DialTarget,
  type OpenConnection,
  dialTimeoutOf,
  replaceOpenConnection,
} from '../private-behaviour.ts'
import type { Libp2p } from '../waku-node.ts'

/** Dials of one peer that are under way, which end together. */
interface UnderWay {
  readonly signal: AbortSignal
  count: number
}

const known = new WeakMap<Libp2p, Dials>()

/** The one {@link Dials} of a node, however many transports stand on it. */
export function dialsOf(libp2p: Libp2p): Dials {
  let dials = known.get(libp2p)
  if (dials === undefined) known.set(libp2p, (dials = new Dials(libp2p)))
  return dials
}

/**
 * Sees to it that every dial of a node ends, those of `@waku/sdk` included.
 *
 * Dials of one peer join in libp2p, and the joint dial ends when the signals of all have: one without a signal, as those of
 * `@waku/sdk` are, takes the time limit away from the others, and where somebody accepts connections and never answers,
 * that peer is not dialled again. So each gets a signal here, and those that join get the same one, since otherwise
 * each that joins in time would keep a dead dial alive.
 */
export class Dials {
  readonly #underWay = new Map<string, UnderWay>()
  readonly #changes = new Subject<void>()
  readonly #limitMs: number
  #lastFailure: DialFailure | undefined

  constructor(libp2p: Libp2p) {
    this.#limitMs = dialTimeoutOf(libp2p)
    replaceOpenConnection(libp2p, (open) => (target, options) => this.#dial(open, target, options))
  }

  /** Emits when a dial has failed. */
  get changes$(): Observable<void> {
    return this.#changes
  }

  /** The last dial that failed; `undefined` when one succeeded since. */
  get lastFailure(): DialFailure | undefined {
    return this.#lastFailure
  }

  async #dial(
    open: OpenConnection,
    target: DialTarget,
    options: Parameters<OpenConnection>[1] = {},
  ): ReturnType<OpenConnection> {
    const name = String(Array.isArray(target) ? target[0] : target)
    const peer = /\/p2p\/([^/]+)$/.exec(name)?.[1] ?? name
    let underWay = this.#underWay.get(peer)
    if (underWay === undefined || underWay.signal.aborted) {
      underWay = { signal: AbortSignal.timeout(this.#limitMs), count: 0 }
      this.#underWay.set(peer, underWay)
    }
    const { signal } = underWay
    underWay.count++
    try {
      const given = options.signal
      const connection = await open(target, {
        ...options,
        signal: given === undefined ? signal : AbortSignal.any([given, signal]),
      })
      this.#lastFailure = undefined
      return connection
    } catch (thrown) {
      if (options.signal?.aborted !== true) {
        const error = signal.aborted
          ? new Error(`no answer within ${this.#limitMs} ms`, { cause: thrown })
          : reasonOf(thrown)
        this.#failed({ target: name, error })
      }
      throw thrown
    } finally {
      underWay.count--
      if (underWay.count === 0 && this.#underWay.get(peer) === underWay) this.#underWay.delete(peer)
    }
  }

  /** A peer that was dialled by its id says less than one that was dialled at an address. */
  #failed(failure: DialFailure): void {
    if (!failure.target.startsWith('/') && this.#lastFailure?.target.startsWith('/') === true) return
    this.#lastFailure = failure
    this.#changes.next()
  }
}

/** The error of an address, where all of a peer failed; and without a name for what all of them are. */
function reasonOf(thrown: unknown): Error {
  const error = asError(thrown)
  return error instanceof AggregateError && error.errors.length > 0 ? asError(error.errors[0]) : error
}
