import type { Frame } from '@reliable-channels/stage'
import type { Uint64 } from '@reliable-channels/wire'

/** Fields that reassembly looks at in a frame; others travel along. */
export interface ReassemblyFrame extends Frame {
  /** Who sent it, where that is known: segments of different senders never mix, and limits are kept for each. */
  readonly senderId?: string | undefined
  /**
   * Set where every message has an id by which repetitions were already removed, as behind SDS. It lets a sender say
   * the same thing twice: a segment that has come already is then the beginning of the same payload sent again, where
   * without ids it is a repetition.
   */
  readonly messageId?: string | undefined
  /**
   * Came after its place in causal order was given up: it may be what did not come of a message that was complete and is
   * forgotten. Also said of a message, where some of it was forgotten and asked for again.
   */
  readonly late?: boolean | undefined
  /**
   * Where it stands among what its sender has sent, as its Lamport timestamp behind SDS tells; those of one payload stand
   * together. By it a segment is known to be of one of several messages with the same payload, or is refused since it may be
   * what did not come of a message that was complete and is forgotten.
   */
  readonly lamport?: Uint64 | undefined
  /** Whether it is ephemeral: those have an order of their own. */
  readonly ephemeral?: boolean | undefined
}

/** Facts of a whole message. */
export interface MessageInfo {
  /** Keccak-256 of the payload in hex; empty with the `raw` dialect. */
  readonly payloadHash: string
  readonly dataCount: number
  readonly parityCount: number
  /** Segments that were held when it was complete. */
  readonly heldCount: number
  /** Whether parity stood in for lost data. */
  readonly recovered: boolean
}

/** A frame whose `payload` is a whole message. */
export interface MessageFrame {
  readonly payload: Uint8Array<ArrayBuffer>
  readonly message: MessageInfo
}
