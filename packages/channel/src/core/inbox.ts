import { SparseMap, EntryNumbers, NO_STEP, type Stage, type Step } from '@reliable-channels/stage/core'
import type { Change, Entry } from '@reliable-channels/store'
import { INBOX_HORIZON_KEY, encodeInboxHorizon, messageKey, restoreInbox } from './inbox-record.ts'
import { type KeptMessage, encodeKept } from './message-record.ts'

/** Inputs of the inbox, about messages that the application is to have. */
export type InboxInput =
  | { readonly type: 'received'; readonly message: KeptMessage }
  /** The application is done with it: its handler has returned, or it has acknowledged it. */
  | { readonly type: 'done'; readonly sequence: number }
  /** The application may listen now: what is kept from before a restart is handed out. */
  | { readonly type: 'opened' }

/** Outputs of the inbox, for the application. */
export type InboxOutput =
  | {
      readonly type: 'hand-out'
      readonly sequence: number
      readonly message: KeptMessage
      /** It was perhaps handed out before a restart. */
      readonly redelivered: boolean
    }
  /** Nobody has subscribed yet, and too many messages wait: the oldest is dropped. */
  | { readonly type: 'unheard'; readonly message: KeptMessage }
  /** The window is full, so further messages wait. Told once, and again only after none waited any more. */
  | { readonly type: 'limit'; readonly handedOut: number }

/** Options of {@link createInboxStage}. */
export interface InboxStageOptions {
  /** Messages handed out and not done with, from 1; the others wait. */
  readonly window: number
  /** Messages held, handed out or waiting; beyond it, {@link InboxStage.full}. */
  readonly maxHeld: number
  /** Payload bytes held; beyond it, {@link InboxStage.full}. */
  readonly maxHeldBytes: number
  /**
   * Messages that wait for the application to listen for the first time; beyond it, or `maxHeldBytes`, the oldest go.
   * Without it none goes.
   */
  readonly maxUnheard?: number
  /** Whether steps carry changes. */
  readonly persistent: boolean
  /** Tells its entries from those of another on the same store; see `EntryNumbers`. */
  readonly writer?: number
  readonly restore?: Iterable<Entry>
  readonly onCorrupt?: (key: string, reason: string) => void
}

/** The state machine of messages on their way to the application. */
export interface InboxStage extends Stage<InboxInput, InboxOutput> {
  /** Whether no message waits to be handed out. */
  isEmpty(): boolean
  /** Whether the inbox holds all that it may, so that nothing more should be taken in. */
  isFull(): boolean
}

/**
 * Hands messages out in order, `window` at a time, and keeps each until the application is done with it.
 *
 * With a window of 1 at most one message can have been handed out before a crash and not be noted as done: the oldest
 * that is kept. It comes again, flagged; no other that was handed out does.
 */
export function createInboxStage(options: InboxStageOptions): InboxStage {
  const { window, maxHeld, maxHeldBytes, maxUnheard, persistent, writer, restore = [], onCorrupt } = options
  /** By sequence number, oldest first. */
  const waiting = new SparseMap<number, KeptMessage>()
  const handedOut = new SparseMap<number, KeptMessage>()
  const { kept, needless, horizon } = restoreInbox(restore, onCorrupt)
  const lastTouched = kept[Math.min(horizon.window, kept.length) - 1]
  const redeliveredUpTo = Math.max(horizon.upTo, lastTouched?.sequence ?? -1)
  // Beyond the horizon too, or new messages would seem to have been handed out.
  const numbers = new EntryNumbers(writer)
  for (const number of [kept.at(-1)?.sequence ?? -1, redeliveredUpTo]) numbers.restore(number)
  let bytes = 0
  let opened = false
  let limited = false

  const hold = (sequence: number, message: KeptMessage): void => {
    waiting.set(sequence, message)
    bytes += message.payload.length
  }
  for (const { sequence, message } of kept) hold(sequence, message)

  const handOut = (changes: readonly Change[]): Step<InboxOutput> => {
    if (!opened || waiting.size === 0) {
      limited &&= waiting.size > 0
      return changes.length === 0 ? NO_STEP : { outputs: NO_STEP.outputs, changes }
    }
    const outputs: InboxOutput[] = []
    for (const [sequence, message] of waiting) {
      if (handedOut.size >= window) break
      waiting.delete(sequence)
      handedOut.set(sequence, message)
      outputs.push({ type: 'hand-out', sequence, message, redelivered: sequence <= redeliveredUpTo })
    }
    if (waiting.size > 0 && !limited) outputs.push({ type: 'limit', handedOut: handedOut.size })
    limited = waiting.size > 0
    return { outputs, changes }
  }

  /** An application that only sends must not pile up what it never asks for. */
  const forgetUnheard = (changes: readonly Change[]): Step<InboxOutput> => {
    if (opened || maxUnheard === undefined) return handOut(changes)
    const outputs: InboxOutput[] = []
    const forgotten: Change[] = []
    for (const [sequence, message] of waiting) {
      if (waiting.size <= maxUnheard && (bytes <= maxHeldBytes || waiting.size === 1)) break
      waiting.delete(sequence)
      bytes -= message.payload.length
      outputs.push({ type: 'unheard', message })
      forgotten.push({ key: messageKey(sequence), value: undefined })
    }
    return { outputs, changes: persistent ? [...changes, ...forgotten] : changes }
  }

  const open = (): Step<InboxOutput> => {
    if (opened) return NO_STEP
    opened = true
    if (!persistent) return handOut([])
    const upTo = redeliveredUpTo
    const changes: Change[] = needless.map((key) => ({ key, value: undefined }))
    if (horizon.window !== window || horizon.upTo !== upTo)
      changes.push({ key: INBOX_HORIZON_KEY, value: encodeInboxHorizon({ window, upTo }) })
    return handOut(changes)
  }

  return {
    handle(input) {
      if (input.type === 'opened') return open()
      if (input.type === 'received') {
        const sequence = numbers.take()
        hold(sequence, input.message)
        return forgetUnheard(
          persistent ? [{ key: messageKey(sequence), value: encodeKept(input.message) }] : [],
        )
      }
      const message = handedOut.get(input.sequence)
      if (message === undefined) return NO_STEP
      handedOut.delete(input.sequence)
      bytes -= message.payload.length
      return handOut(persistent ? [{ key: messageKey(input.sequence), value: undefined }] : [])
    },
    deadline: () => undefined,
    tick: () => NO_STEP,
    isEmpty: () => waiting.size === 0,
    isFull() {
      const held = waiting.size + handedOut.size
      if (!opened && maxUnheard !== undefined) return false
      return held > 0 && (held >= maxHeld || bytes >= maxHeldBytes)
    },
  }
}
