import { withinLimit } from '@reliable-channels/stage'
import type { Transport } from '@reliable-channels/transport'
import { Subscription } from 'rxjs'
import { type FrameParts, openLastTraffic } from '../pipeline/outgoing.ts'
import type { ChannelParts } from '../opening/parts.ts'

/** The longest that closing waits for the network to take the last message, ms. */
const HAND_OVER_MS = 2_000

/** The parts of a channel that its last message passes. */
export type FarewellParts = FrameParts & Pick<ChannelParts, 'transport' | 'send'>

/**
 * The last message of a channel that closes: a sync message acknowledges what it has received, if that is still owed, so
 * that nobody goes on sending it. It goes out like all others, but now or not at all: not when the network is away, nor
 * when the rate limit would hold it back.
 *
 * @returns Resolves when the network has taken it, or there is none to wait for; it never rejects.
 */
export async function farewell(parts: FarewellParts): Promise<void> {
  const { participant, limiter, channelId, transport, send, scheduler } = parts
  if (!isConnected(transport) || limiter.estimate(channelId, 'critical') !== 0) return
  const subscription = new Subscription()
  let isOwed = false
  const over = new Promise<void>((resolve) => {
    const nothing = (): void => {}
    subscription.add(participant.traffic$.subscribe({ next: () => (isOwed = true), error: nothing }))
    let isSent = false
    const chain = openLastTraffic(parts, {
      released: nothing,
      notSealed: () => resolve(),
      leaving({ kind, envelope }) {
        if (kind !== 'sync' || isSent) return
        isSent = true
        Promise.resolve(send(envelope)).then(
          () => resolve(),
          () => resolve(),
        )
      },
      died: () => resolve(),
    })
    subscription.add(() => chain.close())
  })
  participant.sayLastWord()
  // When a handler closes the channel, the participant hears of it after that has returned.
  await Promise.resolve()
  if (isOwed) {
    await withinLimit(over, { what: 'transport.send', limitMs: HAND_OVER_MS, scheduler }).catch(() => {})
  }
  subscription.unsubscribe()
}

function isConnected({ connection$ }: Transport): boolean {
  let isConnectedNow = false
  connection$
    .subscribe({ next: (state) => (isConnectedNow = state === 'connected'), error: () => {} })
    .unsubscribe()
  return isConnectedNow
}
