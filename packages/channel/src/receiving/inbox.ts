import { SparseSet } from '@reliable-channels/stage/core'
import { type UnitOfWork, createDriver } from '@reliable-channels/stage'
import type { Entry } from '@reliable-channels/store'
import type { SchedulerLike } from 'rxjs'
import { type InboxInput, type InboxOutput, createInboxStage } from '../core/inbox.ts'
import { ChannelClosedError } from '../closed-error.ts'
import type { KeptMessage } from '../core/message-record.ts'
import type { ChannelMessageReceivedEvent } from '../events.ts'

/** Options of {@link createInbox}. */
export interface InboxOptions {
  channelId: string
  consume: 'automatic' | 'acknowledged'
  maxUnacknowledged: number
  maxHeldBytes: number
  unitOfWork: UnitOfWork
  scheduler: SchedulerLike
  keyPrefix: string
  /** Tells its entries from those of another on the same store. */
  writer: number
  restore: Iterable<Entry>
  onCorrupt: (key: string, reason: string) => void
  /** Hands a message to the application. It counts as handled when this has returned. */
  handOut: (message: ChannelMessageReceivedEvent) => void
  /** The inbox has ended with an error: a bug. */
  died: (error: unknown) => void
  /** So many are unacknowledged that others must wait. */
  limited: (unacknowledged: number) => void
  /** Nobody has listened yet, and the oldest message that waited for it is forgotten. */
  unheard: (message: KeptMessage) => void
}

/** Messages on their way to the application, kept until it has them. */
export interface Inbox {
  /** Takes a message in, in the same write as what led to it. Messages are handed out in order. */
  readonly take: (message: KeptMessage) => void
  /** The application listens now. */
  open(): void
  /** Whether no message waits for the application. */
  isEmpty(): boolean
  /** Whether the inbox holds all that it may, so that nothing more should be taken in from the network. */
  isFull(): boolean
  close(): void
}

/** Messages held for each that may be unacknowledged, before nothing more is taken in. */
const HELD_FACTOR = 10

/**
 * Makes the inbox of a channel. Each message is handed out after the write that says what was handed out before is done
 * with. So a crash leaves at most the one in doubt whose handler was running.
 */
export function createInbox(options: InboxOptions): Inbox {
  const { channelId, consume, maxUnacknowledged, maxHeldBytes, unitOfWork, scheduler } = options
  const { keyPrefix, writer, restore, onCorrupt, limited, unheard, died } = options
  const automatic = consume === 'automatic'
  const stage = createInboxStage({
    window: automatic ? 1 : maxUnacknowledged,
    maxHeld: HELD_FACTOR * maxUnacknowledged,
    maxHeldBytes,
    // A message that the application is to acknowledge is never forgotten: when too much is held, no more is taken in.
    ...(automatic && { maxUnheard: maxUnacknowledged }),
    persistent: unitOfWork.persistent,
    writer,
    restore,
    onCorrupt,
  })
  const driver = createDriver<InboxInput, InboxOutput>(stage, { scheduler, unitOfWork, keyPrefix })
  /** Promises that wait until an acknowledgement is stored. */
  const acknowledging = new SparseSet<(error: Error) => void>()
  let handing = false
  let closed = false

  const acknowledge = (sequence: number): Promise<void> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(closedError())
      driver.dispatch({ type: 'done', sequence })
      acknowledging.add(reject)
      driver.whenFlushed(() => {
        acknowledging.delete(reject)
        unitOfWork.stored().then(resolve, reject)
      })
    })

  const handOut = ({ sequence, message, redelivered }: Extract<InboxOutput, { type: 'hand-out' }>): void => {
    const { senderId, payload, messageId, name, late, ephemeral } = message
    handing = true
    options.handOut({
      type: 'reliable:message:received',
      channelId,
      senderId,
      // Transports, ciphers and stages never hand on shared memory.
      payload: payload as Uint8Array<ArrayBuffer>,
      messageId: name ?? messageId,
      late,
      ephemeral,
      redelivered,
      ack: automatic ? () => Promise.resolve() : () => acknowledge(sequence),
    })
    handing = false
    // With none behind it, that it is done is stored with what comes next.
    const when = stage.isEmpty() ? 'later' : 'now'
    if (automatic) unitOfWork.run(() => driver.dispatch({ type: 'done', sequence }), when)
    if (closed) driver.close()
  }

  const tell = (output: InboxOutput): void => {
    if (closed) return
    if (output.type === 'hand-out') handOut(output)
    else if (output.type === 'unheard') unheard(output.message)
    else if (!automatic) limited(output.handedOut)
  }
  driver.tell({
    next: (output) => unitOfWork.after(() => tell(output)),
    error: (error: unknown) => unitOfWork.after(() => died(error)),
  })

  return {
    take: (message) => driver.dispatch({ type: 'received', message }),
    open: () => driver.dispatch({ type: 'opened' }),
    isEmpty: stage.isEmpty,
    isFull: stage.isFull,
    close() {
      closed = true
      for (const reject of acknowledging) reject(closedError())
      acknowledging.clear()
      // A handler that closes the channel has had its message.
      if (!handing) driver.close()
    },
  }
}

const closedError = (): ChannelClosedError =>
  new ChannelClosedError(
    'the channel was closed before the acknowledgement was stored: the message comes again',
  )
