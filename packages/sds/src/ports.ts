import { type Driver, type Frame, type Port } from '@reliable-channels/stage'
import { check } from './core/check-settings.ts'
import type { FrameToEncode, SdsInput, SdsOutput, Urgency } from './core/input.ts'
import type { Lamport } from './core/wire/lamport.ts'

/** Fields of a frame that `Participant.wrap` heeds. */
export interface WrapRequest {
  /** Sent with no causal order and no reliability. The `nim` dialect tracks it nevertheless. @default false */
  readonly ephemeral?: boolean
  /**
   * `'none'`: tracked as any other, acknowledged and sent again, but it comes after nothing, so that it is delivered on
   * arrival, and the participant's later messages do not come after it. @default 'causal'
   */
  readonly order?: 'causal' | 'none'
  /**
   * With `encoding: 'at-release'`: a message does not come after own ones of a lower priority that have not left, so that it
   * is delivered before them where whatever holds frames back lets it leave first. @default 'normal'
   */
  readonly priority?: Urgency
  /**
   * Messages wrapped in a row with the same name: each also names, as before it, what the first of them came after.
   * For contents of which a receiver may do without some, such as segments with parity; see `Participant.waive`.
   */
  readonly group?: string
  /**
   * One of the parts of one content: it is told of each who has it, since one who has all parts has the content, and of
   * those whom none of them names any more nobody would know. @default false
   */
  readonly isPart?: boolean
}

/**
 * The fields that `Participant.wrap` adds to a frame; `payload` is the encoded SDS message, or the content that
 * `Participant.encode` makes it of.
 */
export interface WrappedFrame {
  readonly payload: Uint8Array<ArrayBuffer>
  readonly messageId: string
  readonly kind: 'content'
  /** With `encoding: 'at-release'`: whether it was not taken back meanwhile. One that was comes out of `encode` as nothing. */
  readonly wanted?: (now: number) => boolean
}

/** The fields that `Participant.encode` sets on a frame: its payload is the encoded SDS message. */
export interface EncodedFrame {
  readonly payload: Uint8Array<ArrayBuffer>
}

/** The fields that `Participant.unwrap` adds to a frame; `payload` is the content, which must not be changed. */
export interface DeliveredFrame {
  readonly payload: Uint8Array<ArrayBuffer>
  readonly messageId: string
  /** Who wrote it. */
  readonly senderId: string
  /**
   * Its Lamport timestamp: those of one sender rise. Of an ephemeral message the time at which it was sent, in ms since 1970,
   * where it tells.
   */
  readonly lamport?: Lamport | undefined
  /** Whether it had been waived or given up before it arrived, so that messages that depend on it came first. */
  readonly late: boolean
  /** Whether it is an own earlier message; only with `ownMessages: 'deliver'`. */
  readonly own: boolean
  /** Whether it was sent with no causal order. */
  readonly ephemeral: boolean
}

/** The operators of a participant as plain calls. */
export interface ParticipantPorts {
  /** As `Participant.wrap`. */
  wrap<F extends Frame>(out: (frame: F & WrappedFrame) => void): Port<F & WrapRequest>
  /** As `Participant.unwrap`. */
  unwrap<F extends Frame>(out: (frame: F & DeliveredFrame) => void): Port<F>
  /** As `Participant.encode`. */
  encode<F extends FrameToEncode>(
    out: (frame: F & EncodedFrame) => void,
    onDrop?: (frame: F) => void,
  ): Port<F>
}

/** Where what becomes of the frames of one port goes. */
interface Lane {
  take: (output: SdsOutput) => void
}

/** What goes back to the port that asked for it. */
type PortOutput = Extract<SdsOutput, { type: 'wrapped' | 'encoded' | 'not-encoded' | 'delivered' }>

/** The ports of a participant. */
export class StagePorts implements ParticipantPorts {
  readonly #driver: Driver<SdsInput, SdsOutput>
  /** Ports of `unwrap`, oldest first: what has no frame of its own goes to the first. */
  readonly #unwraps = new Set<Lane>()

  constructor(driver: Driver<SdsInput, SdsOutput>) {
    this.#driver = driver
  }

  /** Hands an output to the port it is for. */
  take(output: PortOutput): void {
    let lane = output.lane as Lane | undefined
    if (output.type === 'delivered' && (lane === undefined || !this.#unwraps.has(lane)))
      lane = this.#unwraps.values().next().value
    lane?.take(output)
  }

  wrap<F extends Frame>(out: (frame: F & WrappedFrame) => void): Port<F & WrapRequest> {
    const lane: Lane = {
      take(output) {
        if (output.type !== 'wrapped') return
        const { payload, messageId, wanted } = output
        const frame = { ...(output.frame as F), payload, messageId, kind: 'content' as const }
        out(wanted === undefined ? frame : { ...frame, wanted })
      },
    }
    return this.#portOf<F & WrapRequest>(lane, (frame) => {
      check.frame(frame)
      const { group, order = 'causal', priority = 'normal', isPart = false } = frame
      const ephemeral = frame.ephemeral === true
      const request = { type: 'wrap', frame, lane, ephemeral, order, priority, isPart } as const
      return group === undefined ? request : { ...request, group }
    })
  }

  encode<F extends FrameToEncode>(
    out: (frame: F & EncodedFrame) => void,
    onDrop?: (frame: F) => void,
  ): Port<F> {
    const lane: Lane = {
      take(output) {
        if (output.type === 'encoded') out({ ...(output.frame as F), payload: output.payload })
        else if (output.type === 'not-encoded') onDrop?.(output.frame as F)
      },
    }
    return this.#portOf<F>(lane, (frame) => ({ type: 'encode', frame, lane }))
  }

  unwrap<F extends Frame>(out: (frame: F & DeliveredFrame) => void): Port<F> {
    const lane: Lane = {
      take(output) {
        if (output.type !== 'delivered') return
        const { payload, messageId, senderId, lamport, late, own, ephemeral } = output
        out({ ...(output.frame as F), payload, messageId, senderId, lamport, late, own, ephemeral })
      },
    }
    this.#unwraps.add(lane)
    return this.#portOf<F>(lane, (frame) => {
      check.frame(frame)
      return { type: 'receive', frame, lane }
    })
  }

  #portOf<F>(lane: Lane, input: (frame: F) => SdsInput): Port<F> {
    let isOpen = true
    return {
      push: (frame) => {
        if (isOpen) this.#driver.dispatch(input(frame))
      },
      close: () => {
        isOpen = false
        lane.take = () => {}
        this.#unwraps.delete(lane)
      },
    }
  }
}
