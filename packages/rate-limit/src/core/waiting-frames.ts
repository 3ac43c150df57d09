import { ClassTurns } from './class-turns.ts'
import type { PriorityClass } from './fields.ts'
import { type Batch, Line, type Waiting } from './line.ts'
import { Ring } from './ring.ts'

/** The queues of one channel. */
export interface ChannelQueue<F> {
  readonly id: string
  readonly lines: readonly [Line<F>, Line<F>, Line<F>]
  /** Waiting frames that a newer one may replace, by key. */
  readonly keyed: Map<string, Waiting<F>>
  /** Lanes that feed it. */
  lanes: number
}

/**
 * All that waits, and the order in which it leaves.
 *
 * Between classes: strict priority, except that every 8th release serves the waiting lower classes in turn.
 * Within a class: one frame of each channel in turn. Within a class of a channel: first in, first out.
 */
export class WaitingFrames<F> {
  private readonly turns = new ClassTurns()
  private readonly channels = new Map<string, ChannelQueue<F>>()
  /** For each class the lines that wait, in the order of their turns. */
  private readonly rounds: readonly [Ring<Line<F>>, Ring<Line<F>>, Ring<Line<F>>] = [
    new Ring(),
    new Ring(),
    new Ring(),
  ]
  /** The batch under way, which nothing interrupts. */
  private run: { readonly line: Line<F>; readonly batch: Batch } | undefined
  /** Batches for which there was not enough room, in the order in which that came up. */
  private readonly claims = new Ring<{ readonly line: Line<F>; readonly batch: Batch }>()
  private claimDue = false
  private claimed = false
  /** The time of the present release. */
  private now = 0
  /** What was found to be unwanted when its turn had come, and is out already. */
  private unwanted: Waiting<F>[] = []

  /** Waiting frames by class. */
  get counts(): [number, number, number] {
    return this.turns.counts
  }

  get length(): number {
    return this.counts[0] + this.counts[1] + this.counts[2]
  }

  /** The queues of a channel, made at need; kept while it has lanes or something waits. */
  channel(id: string): ChannelQueue<F> {
    let channel = this.channels.get(id)
    if (channel === undefined) {
      channel = { id, lines: [new Line(0), new Line(1), new Line(2)], keyed: new Map(), lanes: 0 }
      this.channels.set(id, channel)
    }
    return channel
  }

  add(item: Waiting<F>, channel: ChannelQueue<F>): void {
    const { line } = item
    line.push(item)
    item.lane.waiting++
    this.counts[line.priority]++
    if (item.key !== undefined) channel.keyed.set(item.key, item)
    if (!line.listed) {
      line.listed = true
      this.rounds[line.priority].push(line)
    }
  }

  /** Takes a frame out that waits. */
  take(item: Waiting<F>): void {
    const { line, lane, key } = item
    line.take(item)
    lane.waiting--
    this.counts[line.priority]--
    if (key !== undefined) {
      const keyed = this.channels.get(lane.channelId)?.keyed
      if (keyed?.get(key) === item) keyed.delete(key)
    }
  }

  /** Waiting frames of a channel, by class and then in order. */
  ofChannel(id: string): Waiting<F>[] {
    return this.channels.get(id)?.lines.flatMap((line) => line.waiting()) ?? []
  }

  /** Forgets the channel if nothing feeds it and nothing waits. */
  forget(id: string): void {
    const channel = this.channels.get(id)
    if (channel !== undefined && channel.lanes === 0 && channel.lines.every(({ live }) => live === 0)) {
      this.channels.delete(id)
    }
  }

  /** A new epoch has begun: a batch that waits for room may go first, but not in two epochs in a row. */
  startEpoch(): void {
    this.claimDue = !this.claimed
    this.claimed = false
  }

  /** Takes out what leaves next, given room for `room` (at least 1) frames of an epoch's `limit`. */
  next(room: number, limit: number, epoch: number, now: number): Waiting<F> | undefined {
    this.now = now
    const item = this.pick(room, limit, epoch)
    if (item === undefined) return undefined
    this.take(item)
    if (this.run?.batch.waiting === 0) this.run = undefined
    this.turns.released()
    return item
  }

  /** What has dropped out since the last call, because nobody wanted it when its turn had come. */
  takeUnwanted(): Waiting<F>[] {
    return this.unwanted.length === 0 ? this.unwanted : this.unwanted.splice(0)
  }

  /**
   * In how many releases a frame queued now would have left, itself included, if nothing else came.
   * Batches are counted as single frames.
   */
  position(id: string, priority: PriorityClass): number {
    const mine = this.channels.get(id)?.lines[priority]
    const before = mine?.live ?? 0
    let target = before + 1
    // Those whose turn comes before ours have one more than those behind.
    let turns = before + 1
    this.rounds[priority].forEach((line) => {
      if (line === mine) turns = before
      else target += Math.min(line.live, turns)
    })
    return this.turns.releasesUntil(priority, target)
  }

  private pick(room: number, limit: number, epoch: number): Waiting<F> | undefined {
    if (this.run !== undefined) {
      const item = this.headOf(this.run.line)
      if (item?.batch === this.run.batch) return item
      this.run = undefined
    }
    if (this.claimDue) {
      this.claimDue = false
      const item = this.claim(room)
      if (item !== undefined) return item
    }
    return this.turns.next((priority) => this.turn(priority, room, limit, epoch))
  }

  /** The first frame of a line that is still wanted. */
  private headOf(line: Line<F>): Waiting<F> | undefined {
    for (;;) {
      const item = line.head()
      if (item?.wanted === undefined || item.wanted(this.now)) return item
      this.take(item)
      this.unwanted.push(item)
    }
  }

  /** The next frame of a class. */
  private turn(priority: PriorityClass, room: number, limit: number, epoch: number): Waiting<F> | undefined {
    return this.round(priority, room, limit, epoch, true) ?? this.round(priority, room, limit, epoch, false)
  }

  /** Goes round the channels of a class once. Those that are in debt let others go first, if there are any. */
  private round(
    priority: PriorityClass,
    room: number,
    limit: number,
    epoch: number,
    payDebts: boolean,
  ): Waiting<F> | undefined {
    const round = this.rounds[priority]
    for (let left = round.length; left > 0; left--) {
      const line = round.shift()!
      const item = this.headOf(line)
      if (item === undefined) {
        line.listed = false
        continue
      }
      if (payDebts && line.debt > 0) line.debt--
      else if (item.batch === undefined || this.begin(line, item.batch, room, limit, epoch)) {
        if (line.live > 1) round.push(line)
        else line.listed = false
        return item
      }
      round.push(line)
    }
    return undefined
  }

  /** Whether the batch at the head of `line` may go on, or begin; if not for lack of room, it is put down for it. */
  private begin(line: Line<F>, batch: Batch, room: number, limit: number, epoch: number): boolean {
    if (batch.started) return true
    if (!batch.complete && epoch === batch.epoch) return false
    if (batch.waiting > limit) {
      batch.started = true
      return true
    }
    if (batch.waiting > room) {
      if (!batch.claiming) this.claims.push({ line, batch })
      batch.claiming = true
      return false
    }
    this.start(line, batch)
    return true
  }

  private start(line: Line<F>, batch: Batch): void {
    batch.started = true
    this.run = { line, batch }
    line.debt += batch.waiting - 1
  }

  private claim(room: number): Waiting<F> | undefined {
    for (;;) {
      const first = this.claims.peek()
      if (first === undefined) return undefined
      const { line, batch } = first
      const item = this.headOf(line)
      if (!batch.started && item?.batch === batch) {
        if (batch.waiting > room) return undefined
        this.claims.shift()
        this.start(line, batch)
        this.claimed = true
        return item
      }
      this.claims.shift()
    }
  }
}
