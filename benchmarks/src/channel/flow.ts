import type { ReliableChannel } from '@reliable-channels/channel'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { content } from '../sds/workload.ts'

/** Sends so many messages of 100 B, the next channel's turn after each, one in each turn of the event loop. */
export async function steadyFlow(
  channels: readonly Pick<ReliableChannel, 'send' | 'ready'>[],
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    await sendWithRoom(channels[i % channels.length]!, content(i))
    await nextTurn()
  }
}

/** Sends a message as soon as there is room for it. */
export async function sendWithRoom(
  channel: Pick<ReliableChannel, 'send' | 'ready'>,
  payload: Uint8Array,
): Promise<void> {
  try {
    channel.send(payload)
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ERR_QUEUE_FULL') throw error
    await channel.ready(payload.length)
    channel.send(payload)
  }
}

/** Counts what arrives, and tells when it is as much as was sent. */
export function counting(channels: readonly Pick<ReliableChannel, 'incoming$'>[]): {
  arrived(count: number): Promise<void>
} {
  let count = 0
  let waiting: { readonly count: number; readonly resolve: () => void } | undefined
  for (const { incoming$ } of channels) {
    incoming$.subscribe(() => {
      count++
      if (waiting !== undefined && count >= waiting.count) waiting.resolve()
    })
  }
  return {
    arrived: (expected) =>
      count >= expected
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting = { count: expected, resolve }
          }),
  }
}
