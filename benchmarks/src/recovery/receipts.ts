import type { Run } from './case.ts'
import { numbered } from './numbered.ts'
import { type WorldOptions, createWorld, framesOf } from './world.ts'

/** Messages of one member, of which each of the others is to tell that he has it. */
export interface Receipts extends Omit<WorldOptions, 'seed' | 'say'> {
  readonly receivers: number
  readonly messages: number
}

/** Time from each message to the next, s. */
const EVERY_S = 60
/** What leaves so soon after a message is counted as caused by it, s. */
const SOON_S = 10

/**
 * Sends messages and waits for each until all are known to have it.
 *
 * - `wait 0`: until that of the first message, before which nobody has heard of anybody, s
 * - `wait 1` and so on: of the others
 * - `failed`: messages of which not all are known to have it 15 minutes after the last
 * - `untrue`: members that were named and had not received it
 * - `frames`: all frames within 10 s of a message, for each message
 * - `frames in a minute`: and within the minute until the next
 */
export async function receipts(
  { receivers, messages, ...options }: Receipts,
  here: Pick<WorldOptions, 'seed' | 'say'>,
): Promise<Run> {
  const world = createWorld({ ...options, ...here })
  const names = Array.from({ length: receivers }, (_, i) => `member-${i}`)
  const has = new Set<string>()
  const alice = await world.join('alice', { receipts: 'all' })
  for (const name of names) {
    const channel = await world.join(name, { receipts: 'all' })
    channel.incoming$.subscribe(({ messageId }) => has.add(`${name} ${messageId}`))
  }
  let untrue = 0
  alice.events$.subscribe((event) => {
    if (event.type === 'reliable:message:receipt' && !has.has(`${event.member} ${event.messageId}`)) untrue++
  })
  const waits: (number | undefined)[] = []
  let soon = 0
  for (let i = 0; i < messages; i++) {
    waits[i] = undefined
    const saidS = world.seconds()
    const before = framesOf(world)
    alice
      .send(numbered(i, 1_000))
      .deliveredToAll(names)
      .then(
        () => (waits[i] = world.seconds() - saidS),
        () => {},
      )
    await world.time.advance(SOON_S * 1000)
    soon += framesOf(world) - before
    await world.time.advance((EVERY_S - SOON_S) * 1000)
  }
  const frames = framesOf(world)
  await world.until(() => waits.every((wait) => wait !== undefined), 900)
  const run = {
    ...Object.fromEntries(waits.map((wait, i) => [`wait ${i}`, wait ?? 900])),
    failed: waits.filter((wait) => wait === undefined).length,
    untrue,
    frames: soon / messages,
    'frames in a minute': frames / messages,
  }
  await world.close()
  return run
}
