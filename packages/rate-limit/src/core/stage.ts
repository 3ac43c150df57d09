import { NO_STEP, type Stage, type Step } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import type { Priority } from './fields.ts'
import { LimiterQueue } from './limiter-queue.ts'
import type { Charged, LimiterLane } from './line.ts'
import type { LimiterInput, LimiterOutput, Quota } from './messages.ts'
import { type RateLimitStageOptions, check, limiterSettings } from './options.ts'
import { EpochQuota } from './quota.ts'
import { type Refusal, type Reservation, Room } from './room.ts'

/** The limiter as a state machine. Methods other than a {@link Stage}'s take effect at once and put out nothing. */
export interface RateLimitStage<F> extends Stage<LimiterInput<F>, LimiterOutput<F>> {
  /** Length of an epoch, ms; `undefined` when the limiter is off. */
  readonly epochMs: number | undefined
  /** Length of an epoch for each message that it allows, ms; 0 when the limiter is off. */
  readonly paceMs: number
  readonly room: Room
  /** Whether each step puts out the quota. */
  watched: boolean
  quota(now: number): Quota
  openLane(channelId: string): LimiterLane
  /** Removes the lane's waiting frames. */
  dropLane(lane: LimiterLane): void
  reserve(channelId: string, count: number, bytes: number): Reservation | Refusal
  remove(channelId: string, predicate?: (frame: F) => boolean): number
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
  const settings = limiterSettings(options)
  const { enabled, epochMs, messagesPerEpoch, maxQueued, maxQueuedBytes, optionalLifetimeMs } = settings
  const quota = new EpochQuota(settings)
  const room = new Room({ maxQueued, maxQueuedBytes, onFreed: options.onFreed })
  const queue = new LimiterQueue<F>({ room, optionalLifetimeMs })
  const ended = new Set<LimiterLane>()
  /** Frames that came out after the epoch in which they count. */
  let late = 0
  let deadline: number | undefined

  /** Lets out as many frames as the quota allows. */
  const release = (now: number, outputs: LimiterOutput<F>[]): readonly Change[] => {
    quota.look(now)
    let left = quota.room()
    let count = 0
    for (; left > 0 && late > 0; late--) {
      outputs.push({ type: 'room', epoch: quota.epoch, providedEpoch: quota.providedEpoch })
      left--
      count++
    }
    while (left > 0 && queue.length > 0) {
      const item = queue.next(quota, now)
      if (item === undefined) break
      outputs.push(item)
      left--
      count++
    }
    queue.takeWithdrawn(outputs)
    return count > 0 ? quota.charge(count) : NO_STEP.changes
  }

  const nextDeadline = (now: number): number | undefined => {
    let next = Infinity
    if (queue.length > 0 || late > 0) next = quota.room() > 0 ? quota.epochEndsAt : quota.lookAgainAt(now)
    else if (stage.watched && enabled && quota.used() > 0) next = quota.epochEndsAt
    next = Math.min(next, queue.expiresAt ?? Infinity)
    return next === Infinity ? undefined : next
  }

  const endLanes = (outputs: LimiterOutput<F>[]): void => {
    for (const lane of ended) {
      if (lane.waiting > 0) continue
      ended.delete(lane)
      outputs.push({ type: 'drained', lane })
    }
  }

  /** Ends every step: lets out the frames that may leave. */
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
      const outputs = queue.expire(now)
      if (input.type === 'end') ended.add(input.lane)
      else if (input.type === 'late') late++
      else if (input.type === 'frame') {
        const { lane, frame, fields } = input
        if (enabled) queue.admit(input, now, outputs)
        else {
          if (fields.reservation !== undefined) {
            room.redeem(fields.reservation, fields.payload?.length ?? 0)
            room.freed()
          }
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
    tick: (now) => finish(now, queue.expire(now)),
    quota(now) {
      quota.look(now)
      return snapshot()
    },
    openLane: (channelId) => queue.openLane(channelId),
    dropLane(lane) {
      ended.delete(lane)
      queue.dropLane(lane)
    },
    reserve(channelId, count, bytes) {
      check.integer('count', count, 1)
      check.number('bytes', bytes, 0)
      return room.reserve(channelId, count, bytes)
    },
    remove: (channelId, predicate = () => true) => queue.remove(channelId, predicate),
    isCurrent: (released, now) => !enabled || quota.isCurrent(released, now),
    estimate(channelId, priority, now) {
      check.oneOf('priority', priority ?? 'normal', ['critical', 'normal', 'optional'])
      if (!enabled) return 0
      quota.look(now)
      const position = queue.position(channelId, priority)
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
