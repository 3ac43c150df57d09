import type { Run } from './case.ts'
import { type MemberOptions, type WorldOptions, createWorld, framesOf } from './world.ts'

/** A payload on its way from one member to others. */
export interface Transfer extends Omit<WorldOptions, 'seed' | 'say'> {
  readonly bytes: number
  readonly receivers: number
  /** Frames that it takes when nothing is lost. */
  readonly segments: number
  readonly member?: MemberOptions
  /** When to stop waiting. @default 900 */
  readonly maxS?: number
}

/** A transfer that is not over by then never will be, s. */
const GIVE_UP_S = 900

/**
 * Sends one payload and waits until every receiver has it and the sender was told that it is delivered. What does not come
 * to pass counts as having taken until the end.
 *
 * - `received`: until all receivers had it
 * - `delivered`: until the sender was told so
 * - `after`: of that, the time after the last had received it
 * - `failed`: 1 when it was not received or not delivered, or the sender was told that it was not
 * - `untrue`: 1 when it was told to be delivered while nobody of those named had it
 * - `frames`: all frames for each segment
 * - `lost`: copies that the network lost on the way to others, for each segment
 */
export async function transfer(
  { bytes, receivers, segments, member = {}, maxS = GIVE_UP_S, ...options }: Transfer,
  world: Pick<WorldOptions, 'seed' | 'say'>,
): Promise<Run> {
  const payload = payloadOf(bytes)
  const here = createWorld({ ...options, ...world })
  const has = new Set<string>()
  let received: number | undefined
  let delivered: number | undefined
  let failed = false
  let untrue = false
  const alice = await here.join('alice', member)
  for (let i = 0; i < receivers; i++) {
    const name = `member-${i}`
    const channel = await here.join(name, member)
    channel.incoming$.subscribe((message) => {
      if (Buffer.compare(message.payload, payload) !== 0) throw new Error(`${name} got other bytes`)
      has.add(name)
      if (has.size === receivers) received = here.seconds()
    })
  }
  alice.incoming$.subscribe()
  let lost = 0
  here.network.traffic$.subscribe(({ type, from, to }) => {
    if (type === 'lost' && to !== from) lost++
  })
  alice.events$.subscribe((event) => {
    if (event.type === 'reliable:message:delivery-error') failed = true
    if (event.type !== 'reliable:message:delivered') return
    delivered = here.seconds()
    untrue = !event.deliveredTo.some((name) => has.has(name))
  })
  const startS = here.seconds()
  alice.send(payload)
  await here.until(() => received !== undefined && (delivered !== undefined || failed), maxS)
  const run = {
    received: (received ?? startS + maxS) - startS,
    delivered: (delivered ?? startS + maxS) - startS,
    failed: Number(failed || received === undefined || delivered === undefined),
    untrue: Number(untrue),
    frames: framesOf(here) / segments,
    lost: lost / segments,
  }
  await here.close()
  return { ...run, after: Math.max(0, run.delivered - run.received) }
}

const payloads = new Map<number, Uint8Array>()

/** Bytes that do not compress to anything regular; made once for each size. */
function payloadOf(bytes: number): Uint8Array {
  let payload = payloads.get(bytes)
  if (payload === undefined) {
    payload = new Uint8Array(bytes)
    let state = bytes >>> 0
    for (let i = 0; i < bytes; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      payload[i] = state >>> 24
    }
    payloads.set(bytes, payload)
  }
  return payload
}
