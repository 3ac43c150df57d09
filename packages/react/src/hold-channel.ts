import type { TypedChannel } from '@reliable-channels/messages'
import { type SchedulerLike, asyncScheduler, delay, firstValueFrom, from, map, merge } from 'rxjs'
import { OPENING, type ProvidedChannel } from './context.ts'
import { MessageList } from './message-list.ts'

/** How long the next channel waits for one that was left, ms. @limit It is opened; what is left closes when it can. */
const LEFT_MS = 60_000
const NOT_CLOSED = `the channel before has not been opened and closed within ${LEFT_MS / 1000} s: the next is opened all the same`

/** Options of {@link holdChannel}. */
export interface Holding {
  readonly open: () => Promise<TypedChannel<unknown>>
  readonly closed?: (() => void | Promise<void>) | undefined
  readonly past: number
  readonly left: AbortSignal
  readonly provide: (provided: ProvidedChannel) => void
  /** Closing has failed, or takes too long. */
  readonly failed: (error: unknown) => void
}

/** Opens a channel, hands it out, and closes it when it is left. */
export async function holdChannel(holding: Holding): Promise<void> {
  const { open, closed, past, left, provide, failed } = holding
  const tell = (provided: Partial<ProvidedChannel>): void => {
    if (!left.aborted) provide({ ...OPENING, ...provided })
  }
  let chat: TypedChannel<unknown>
  try {
    chat = await open()
  } catch (error) {
    return tell({ status: 'failed', error })
  }
  let stop = (): void => {}
  if (!left.aborted) {
    chat.channel.connection$.subscribe({ error: () => {}, complete: () => tell({ status: 'closed' }) })
    chat.channel.events$.subscribe({ error: (error: unknown) => tell({ status: 'failed', error }) })
    const list = new MessageList(chat)
    stop = list.start(past)
    tell({ status: 'open', chat, list })
    await whenLeft(left)
  }
  stop()
  for (const end of [() => chat.channel.close(), () => closed?.()]) {
    try {
      await end()
    } catch (error) {
      failed(error)
    }
  }
}

/**
 * Resolves when it is over, or it was left and has had its time, which is told: an `open` or a `closed` that never ends keeps no
 * other channel from being opened.
 */
export async function overInTime(
  turn: Promise<void>,
  left: AbortSignal,
  failed: Holding['failed'],
  scheduler: SchedulerLike = asyncScheduler,
): Promise<void> {
  const tooLate = from(whenLeft(left)).pipe(
    delay(LEFT_MS, scheduler),
    map(() => failed(new Error(NOT_CLOSED))),
  )
  await firstValueFrom(merge(turn, tooLate))
}

function whenLeft(left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (left.aborted) resolve()
    else left.addEventListener('abort', () => resolve(), { once: true })
  })
}
