import { NO_STEP, type Stage, type Step } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import { Expiries } from './expiries.ts'
import { type Priority, classOf } from './fields.ts'
import type { Batch, Charged, Lane, Line, Waiting } from './line.ts'
import type { LimiterInput, LimiterOutput, Quota } from './messages.ts'
import { RateLimitOptionError, type RateLimitStageOptions, checkRange } from './options.ts'
import { EpochQuota } from './quota.ts'
import { type Refusal, type Reservation, Room } from './room.ts'
import { type ChannelQueue, WaitingFrames } from './waiting-frames.ts'

/** The limiter as a state machine. What is not a {@link Stage}'s method takes effect at once and puts out nothing. */
export interface RateLimitStage<F> extends Stage<LimiterInput<F>, LimiterOutput<F>> {
  /** Length of an epoch, ms; `undefined` when the limiter is off. */
  readonly epochMs: number | undefined
  /** Length of an epoch for each message that it allows, ms; 0 when the limiter is off. */
  readonly paceMs: number
  readonly room: Room
  /** Whether each step puts out the quota. */
  watched: boolean
  quota(now: number): Quota
  openLane(channelId: string): Lane
  /** Removes what waits of the lane. */
  dropLane(lane: Lane): void
  reserve(channelId: string, count: number, bytes: number): Reservation | Refusal
  remove(channelId: string, predicate?: (frame: F) => boolean): number
  waiting(channelId: string): F[]
  estimate(channelId: string, priority: Priority | undefined, now: number): number | undefined
  /** Whether what was released counts in the epoch that runs. */
  isCurrent(released: Charged, now: number): boolean
}

/**
 * Makes the limiter: delay, never drop. LIP-173, *Rate limit manager*; epochs as in 17/WAKU2-RLN-RELAY.
 *
 * @throws RateLimitOptionError at a bad option.
 */
export function createRateLimitStage<F>(
  options: RateLimitStageOptions & { readonly onFreed?: () => void } = {},
): RateLimitStage<F> {
  const {
    quota: provider,
    // Who names a quota wants it kept.
    enabled = provider !== undefined || options.messagesPerEpoch !== undefined,
    epochMs = 600_000,
    messagesPerEpoch = 1,
    marginMs = 0,
    maxQueued = 16_384,
    maxQueuedBytes = 128 * 1024 * 1024,
    batches = 'spread',
    optionalLifetimeMs = Infinity,
    restore,
    onCorrupt,
    onFreed,
  } = options
  checkRange('epochMs', epochMs, 1, true)
  checkRange('messagesPerEpoch', messagesPerEpoch, 1, true)
  if (!(marginMs >= 0 && marginMs < epochMs)) {
    throw new RateLimitOptionError(`"marginMs" expected a number from 0 to below ${epochMs}, got ${marginMs}`)
  }
  checkRange('maxQueued', maxQueued, 1, true)
  checkRange('maxQueuedBytes', maxQueuedBytes, 1, false)
  checkRange('optionalLifetimeMs', optionalLifetimeMs, 0, false)

  const quota = new EpochQuota({ epochMs, messagesPerEpoch, marginMs, quota: provider, restore, onCorrupt })
  const room = new Room({ maxQueued, maxQueuedBytes, onFreed })
  const queue = new WaitingFrames<F>()
  const expiries = new Expiries<F>(optionalLifetimeMs)
  const ended = new Set<Lane>()
  /** Frames that came out after the epoch in which they count. */
  let late = 0
  let epoch = -1
  let deadline: number | undefined

  const admit = (
    channel: ChannelQueue<F>,
    input: Extract<LimiterInput<F>, { type: 'frame' }>,
    now: number,
    outputs: LimiterOutput<F>[],
  ): void => {
    const { lane, frame, fields } = input
    const { reservation, replaces: key, wanted } = fields
    const priority = classOf(fields.priority)
    const bytes = fields.payload?.length ?? 0
    const redeemed = reservation !== undefined && room.redeem(reservation, bytes)
    const older = key === undefined ? undefined : channel.keyed.get(key)
    if (older !== undefined) {
      outputs.push({ type: 'replaced', channelId: channel.id, frame: older.frame, by: frame })
      if (priority >= older.line.priority) {
        room.free(1, older.bytes)
        room.take(bytes)
        older.lane.waiting--
        lane.waiting++
        Object.assign(older, { lane, frame, bytes, wanted })
        expiries.begin(older, now, queue.counts[2])
        return
      }
      // More urgent than what it replaces: it waits where its kind does.
      leave(older)
    }
    const reason = redeemed ? undefined : room.refusal(1, bytes, priority === 0)
    if (reason !== undefined) {
      outputs.push({ type: 'refused', channelId: channel.id, frame, reason })
      return
    }
    room.take(bytes)
    const line: Line<F> = channel.lines[priority]
    let batch: Batch | undefined
    if (batches === 'all-or-none') {
      const size = fields.batchSize ?? reservation?.count ?? 1
      batch = line.batchFor(fields.batch, size, epochOf(now))
    }
    const item: Waiting<F> = {
      type: 'released',
      lane,
      frame,
      epoch: -1,
      providedEpoch: undefined,
      line,
      key,
      batch,
      bytes,
      wanted,
      expiresAt: Infinity,
      gone: false,
    }
    queue.add(item, channel)
    expiries.begin(item, now, queue.counts[2])
  }

  const epochOf = (now: number): number => Math.max(0, Math.floor(now / epochMs))

  /** Begins every step: drops what has waited too long. */
  const expire = (now: number): LimiterOutput<F>[] => {
    const outputs: LimiterOutput<F>[] = []
    for (let item = expiries.due(now); item !== undefined; item = expiries.due(now)) {
      leave(item)
      outputs.push({ type: 'expired', channelId: item.lane.channelId, frame: item.frame })
    }
    return outputs
  }

  const leave = (item: Waiting<F>): void => {
    queue.take(item)
    room.free(1, item.bytes)
  }

  /** Lets out what the quota allows. */
  const release = (now: number, outputs: LimiterOutput<F>[]): readonly Change[] => {
    quota.look(now)
    if (quota.epoch !== epoch) {
      epoch = quota.epoch
      queue.startEpoch()
    }
    let left = quota.room()
    let count = 0
    const { epoch: chargedEpoch, providedEpoch } = quota
    for (; left > 0 && late > 0; late--) {
      outputs.push({ type: 'room', epoch: chargedEpoch, providedEpoch })
      left--
      count++
    }
    while (left > 0 && queue.length > 0) {
      const item = queue.next(left, quota.limit, epoch, now)
      if (item === undefined) break
      room.free(1, item.bytes)
      item.epoch = chargedEpoch
      item.providedEpoch = providedEpoch
      outputs.push(item)
      left--
      count++
    }
    for (const { lane, frame, bytes } of queue.takeUnwanted()) {
      room.free(1, bytes)
      outputs.push({ type: 'withdrawn', channelId: lane.channelId, frame })
    }
    return count > 0 ? quota.charge(count) : NO_STEP.changes
  }

  const nextDeadline = (now: number): number | undefined => {
    let next = Infinity
    if (queue.length > 0 || late > 0) next = quota.room() > 0 ? quota.epochEndsAt : quota.lookAgainAt(now)
    else if (stage.watched && enabled && quota.used() > 0) next = quota.epochEndsAt
    if (queue.counts[2] > 0) next = Math.min(next, expiries.nextAt ?? Infinity)
    return next === Infinity ? undefined : next
  }

  const endLanes = (outputs: LimiterOutput<F>[]): void => {
    for (const lane of ended) {
      if (lane.waiting > 0) continue
      ended.delete(lane)
      outputs.push({ type: 'drained', lane })
    }
  }

  /** Ends every step: lets out what may leave. */
  const finish = (now: number, outputs: LimiterOutput<F>[]): Step<LimiterOutput<F>> => {
    const changes = enabled ? release(now, outputs) : NO_STEP.changes
    if (ended.size > 0) endLanes(outputs)
    if (stage.watched) outputs.push({ type: 'quota', quota: snapshot() })
    deadline = nextDeadline(now)
    return outputs.length === 0 ? NO_STEP : { outputs, changes }
  }

  const snapshot = (): Quota => {
    const [critical, normal, optional] = queue.counts
    const state = {
      epoch: quota.epoch,
      nextEpochAtMs: quota.epochEndsAt,
      waiting: { critical, normal, optional },
    }
    if (!enabled) return { ...state, limit: Infinity, used: 0, left: Infinity }
    return { ...state, limit: quota.limit, used: quota.used(), left: quota.room() }
  }

  const stage: RateLimitStage<F> = {
    epochMs: enabled ? epochMs : undefined,
    paceMs: enabled ? epochMs / messagesPerEpoch : 0,
    room,
    watched: false,
    handle(input, now) {
      const outputs = expire(now)
      if (input.type === 'end') ended.add(input.lane)
      else if (input.type === 'late') late++
      else if (input.type === 'frame') {
        const { lane, frame, fields } = input
        if (enabled) admit(queue.channel(lane.channelId), input, now, outputs)
        else {
          if (fields.reservation !== undefined) room.redeem(fields.reservation, fields.payload?.length ?? 0)
          outputs.push({
            type: 'released',
            lane,
            frame,
            wanted: undefined,
            epoch: -1,
            providedEpoch: undefined,
          })
        }
      }
      return finish(now, outputs)
    },
    deadline: () => deadline,
    tick: (now) => finish(now, expire(now)),
    quota(now) {
      quota.look(now)
      return snapshot()
    },
    openLane(channelId) {
      queue.channel(channelId).lanes++
      return { channelId, waiting: 0 }
    },
    dropLane(lane) {
      ended.delete(lane)
      if (lane.waiting > 0) {
        for (const item of queue.ofChannel(lane.channelId)) if (item.lane === lane) leave(item)
      }
      queue.channel(lane.channelId).lanes--
      queue.forget(lane.channelId)
    },
    reserve(channelId, count, bytes) {
      checkRange('count', count, 1, true)
      checkRange('bytes', bytes, 0, false)
      return room.reserve(channelId, count, bytes)
    },
    remove(channelId, predicate) {
      let removed = 0
      for (const item of queue.ofChannel(channelId)) {
        if (predicate !== undefined && !predicate(item.frame)) continue
        leave(item)
        removed++
      }
      queue.forget(channelId)
      return removed
    },
    isCurrent: (released, now) => !enabled || quota.isCurrent(released, now),
    waiting: (channelId) => queue.ofChannel(channelId).map(({ frame }) => frame),
    estimate(channelId, priority, now) {
      if (!enabled) return 0
      quota.look(now)
      const position = queue.position(channelId, classOf(priority))
      const left = quota.room()
      if (position <= left) return 0
      const next = quota.nextRoomAt
      if (next === undefined) return undefined
      const start = next > now ? next : quota.epochEndsAt
      return start + Math.floor((position - left - 1) / quota.limit) * epochMs - now
    },
  }
  return stage
}
