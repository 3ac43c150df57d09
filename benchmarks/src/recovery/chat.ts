import type { Run } from './case.ts'
import { quantile } from './figures.ts'
import { numberOf, numbered } from './numbered.ts'
import { type WorldOptions, createWorld, framesOf } from './world.ts'

/** A conversation in which somebody says something at regular times. */
export interface Chat extends Omit<WorldOptions, 'seed' | 'say'> {
  readonly members: number
  readonly messages: number
  /** Time from each message to the next, s. */
  readonly everyS: number
}

/**
 * Lets members chat, whoever's turn chance says it is.
 *
 * - `frames`: all frames for each message, until as long after the last as between two
 * - `delivered p50`, `delivered p95`: from a message until its author was told that it is delivered, s
 * - `failed`: messages not received by all, or not delivered, 15 minutes after the last, or told not to be
 */
export async function chat(
  { members, messages, everyS, ...options }: Chat,
  here: Pick<WorldOptions, 'seed' | 'say'>,
): Promise<Run> {
  const world = createWorld({ ...options, ...here })
  const channels = []
  const failed = new Set<number>()
  const delays: number[] = []
  /** By message, how many have it. */
  const holders: number[] = Array.from({ length: messages }, () => 0)
  for (let i = 0; i < members; i++) {
    const channel = await world.join(`member-${i}`)
    channel.incoming$.subscribe(({ payload }) => holders[numberOf(payload)]!++)
    channels.push(channel)
  }
  for (let i = 0; i < messages; i++) {
    const author = channels[Math.floor(world.random() * members)]!
    const saidS = world.seconds()
    author
      .send(numbered(i))
      .delivered()
      .then(
        () => delays.push(world.seconds() - saidS),
        () => failed.add(i),
      )
    await world.time.advance(everyS * 1000)
  }
  const frames = framesOf(world) / messages
  const complete = (): boolean => holders.every((count) => count === members - 1)
  await world.until(() => complete() && delays.length + failed.size === messages, 900)
  for (let i = 0; i < messages; i++) if (holders[i] !== members - 1) failed.add(i)
  const undelivered = messages - delays.length
  // Who was never told waits for ever.
  delays.push(...Array.from({ length: undelivered }, () => 900))
  const run = {
    frames,
    'delivered p50': quantile(delays, 0.5),
    'delivered p95': quantile(delays, 0.95),
    failed: Math.max(failed.size, undelivered),
  }
  await world.close()
  return run
}
