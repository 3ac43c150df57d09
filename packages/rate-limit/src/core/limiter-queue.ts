import { Expiries } from './expiries.ts'
import { classOf } from './fields.ts'
import type { Charged, LimiterLane, Waiting } from './line.ts'
import type { LimiterInput, LimiterOutput } from './messages.ts'
import type { Room } from './room.ts'
import { type ChannelQueue, WaitingFrames } from './waiting-frames.ts'

/** Options of {@link LimiterQueue}. */
export interface LimiterQueueOptions {
  readonly room: Room
  readonly optionalLifetimeMs: number
}

/** The waiting frames in the order in which they leave, with the room that they take and the time for which they may wait. */
export class LimiterQueue<F> {
  readonly #frames = new WaitingFrames<F>()
  readonly #expiries: Expiries<F>
  readonly #options: LimiterQueueOptions

  constructor(options: LimiterQueueOptions) {
    this.#options = options
    this.#expiries = new Expiries(options.optionalLifetimeMs)
  }

  get length(): number {
    return this.#frames.length
  }

  /** Waiting frames by class. */
  get counts(): readonly [number, number, number] {
    return this.#frames.counts
  }

  /** When to look for frames that have waited too long; at times too early. */
  get expiresAt(): number | undefined {
    return this.#frames.counts[2] > 0 ? this.#expiries.nextAt : undefined
  }

  /** Takes a frame in, or refuses it. */
  admit(
    { lane, frame, fields }: Extract<LimiterInput<F>, { type: 'frame' }>,
    now: number,
    outputs: LimiterOutput<F>[],
  ): void {
    const { room } = this.#options
    const { reservation, replaces: key, wanted } = fields
    const channel = this.#frames.channel(lane.channelId)
    const priority = classOf(fields.priority)
    const bytes = fields.payload?.length ?? 0
    const redeemed = reservation !== undefined && room.redeem(reservation, bytes)
    const older = key === undefined ? undefined : channel.keyed.get(key)
    if (older !== undefined) {
      outputs.push({ type: 'replaced', channelId: channel.id, frame: older.frame, by: frame })
      // More urgent than what it replaces, it waits where its kind does.
      if (priority < older.line.priority) this.#leave(older)
      else return this.#replace(older, { lane, frame, bytes, wanted }, now)
    }
    const reason = redeemed ? undefined : room.refusal(1, bytes, priority === 0)
    if (reason !== undefined) {
      outputs.push({ type: 'refused', channelId: channel.id, frame, reason })
      return
    }
    const line = channel.lines[priority]
    this.#add(
      {
        type: 'released',
        lane,
        frame,
        epoch: -1,
        providedEpoch: undefined,
        line,
        key,
        bytes,
        wanted,
        expiresAt: Infinity,
        gone: false,
      },
      channel,
      now,
    )
    if (redeemed) room.freed()
  }

  /** Drops frames that have waited too long. */
  expire(now: number): LimiterOutput<F>[] {
    const outputs: LimiterOutput<F>[] = []
    for (let item = this.#expiries.due(now); item !== undefined; item = this.#expiries.due(now)) {
      this.#leave(item)
      outputs.push({ type: 'expired', channelId: item.lane.channelId, frame: item.frame })
    }
    return outputs
  }

  /** Takes out the frame that leaves next, which counts in the epochs of `charged`. */
  next(charged: Charged, now: number): Waiting<F> | undefined {
    const item = this.#frames.next(now)
    if (item === undefined) return undefined
    this.#options.room.free(1, item.bytes)
    item.epoch = charged.epoch
    item.providedEpoch = charged.providedEpoch
    return item
  }

  /** Reports frames that were no longer wanted when their turn had come. */
  takeWithdrawn(outputs: LimiterOutput<F>[]): void {
    for (const { lane, frame, bytes } of this.#frames.takeUnwanted()) {
      this.#options.room.free(1, bytes)
      outputs.push({ type: 'withdrawn', channelId: lane.channelId, frame })
    }
  }

  openLane(channelId: string): LimiterLane {
    this.#frames.channel(channelId).lanes++
    return { channelId, waiting: 0 }
  }

  /** Removes the lane's waiting frames. */
  dropLane(lane: LimiterLane): void {
    if (lane.waiting > 0) {
      for (const item of this.#frames.ofChannel(lane.channelId)) if (item.lane === lane) this.#leave(item)
    }
    this.#frames.channel(lane.channelId).lanes--
    this.#frames.forget(lane.channelId)
  }

  /** Removes the channel's frames for which `predicate` holds; returns how many. */
  remove(channelId: string, predicate: (frame: F) => boolean): number {
    const found = this.#frames.ofChannel(channelId).filter(({ frame }) => predicate(frame))
    for (const item of found) this.#leave(item)
    this.#frames.forget(channelId)
    return found.length
  }

  /** In how many releases a frame queued now would have left, itself included, if nothing else came. */
  position(channelId: string, priority: Parameters<typeof classOf>[0]): number {
    return this.#frames.position(channelId, classOf(priority))
  }

  #add(item: Waiting<F>, channel: ChannelQueue<F>, now: number): void {
    this.#options.room.take(item.bytes)
    this.#frames.add(item, channel)
    this.#expiries.begin(item, now, this.#frames.counts[2])
  }

  /** Puts a frame where an older one waits. */
  #replace(
    older: Waiting<F>,
    newer: Pick<Waiting<F>, 'lane' | 'frame' | 'bytes' | 'wanted'>,
    now: number,
  ): void {
    this.#options.room.free(1, older.bytes)
    this.#options.room.take(newer.bytes)
    older.lane.waiting--
    newer.lane.waiting++
    Object.assign(older, newer)
    this.#expiries.begin(older, now, this.#frames.counts[2])
  }

  #leave(item: Waiting<F>): void {
    this.#frames.take(item)
    this.#options.room.free(1, item.bytes)
  }
}
