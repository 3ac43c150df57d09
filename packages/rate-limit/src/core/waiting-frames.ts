import { ClassTurns } from './class-turns.ts'
import type { PriorityClass } from './fields.ts'
import { Line, type Waiting } from './line.ts'
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
 * All waiting frames, and the order in which they leave.
 *
 * Between classes: strict priority, except that every 8th release serves the waiting lower classes in turn.
 * Within a class: one frame of each channel in turn. Within a class of a channel: first in, first out.
 */
export class WaitingFrames<F> {
  readonly #turns = new ClassTurns()
  readonly #channels = new Map<string, ChannelQueue<F>>()
  /** For each class the lines that wait, in the order of their turns. */
  readonly #rounds: readonly [Ring<Line<F>>, Ring<Line<F>>, Ring<Line<F>>] = [
    new Ring(),
    new Ring(),
    new Ring(),
  ]
  /** The time of the present release. */
  #now = 0
  /** Frames that were no longer wanted when their turn had come; they are out of the queue already. */
  #unwanted: Waiting<F>[] = []

  /** Waiting frames by class. */
  get counts(): [number, number, number] {
    return this.#turns.counts
  }

  get length(): number {
    return this.counts[0] + this.counts[1] + this.counts[2]
  }

  /** The queues of a channel, made at need; kept while it has lanes or something waits. */
  channel(id: string): ChannelQueue<F> {
    let channel = this.#channels.get(id)
    if (channel === undefined) {
      channel = { id, lines: [new Line(0), new Line(1), new Line(2)], keyed: new Map(), lanes: 0 }
      this.#channels.set(id, channel)
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
      this.#rounds[line.priority].push(line)
    }
  }

  /** Takes a frame out that waits. */
  take(item: Waiting<F>): void {
    const { line, lane, key } = item
    line.take(item)
    lane.waiting--
    this.counts[line.priority]--
    if (key !== undefined) {
      const keyed = this.#channels.get(lane.channelId)?.keyed
      if (keyed?.get(key) === item) keyed.delete(key)
    }
  }

  /** Waiting frames of a channel, by class and then in order. */
  ofChannel(id: string): Waiting<F>[] {
    return this.#channels.get(id)?.lines.flatMap((line) => line.waiting()) ?? []
  }

  /** Forgets the channel if nothing feeds it and nothing waits. */
  forget(id: string): void {
    const channel = this.#channels.get(id)
    if (channel !== undefined && channel.lanes === 0 && channel.lines.every(({ live }) => live === 0)) {
      this.#channels.delete(id)
    }
  }

  /** Takes out the frame that leaves next. */
  next(now: number): Waiting<F> | undefined {
    this.#now = now
    const item = this.#turns.next((priority) => this.#turn(priority))
    if (item === undefined) return undefined
    this.take(item)
    this.#turns.released()
    return item
  }

  /** Frames dropped since the last call, because they were no longer wanted when their turn had come. */
  takeUnwanted(): Waiting<F>[] {
    return this.#unwanted.length === 0 ? this.#unwanted : this.#unwanted.splice(0)
  }

  /** In how many releases a frame queued now would have left, itself included, if nothing else came. */
  position(id: string, priority: PriorityClass): number {
    const mine = this.#channels.get(id)?.lines[priority]
    const before = mine?.live ?? 0
    let target = before + 1
    // Those whose turn comes before ours have one more than those behind.
    let turns = before + 1
    this.#rounds[priority].forEach((line) => {
      if (line === mine) turns = before
      else target += Math.min(line.live, turns)
    })
    return this.#turns.releasesUntil(priority, target)
  }

  /** The first frame of a line that is still wanted. */
  #headOf(line: Line<F>): Waiting<F> | undefined {
    for (;;) {
      const item = line.head()
      if (item?.wanted === undefined || item.wanted(this.#now)) return item
      this.take(item)
      this.#unwanted.push(item)
    }
  }

  /** The next frame of a class, of the channel whose turn it is. */
  #turn(priority: PriorityClass): Waiting<F> | undefined {
    const round = this.#rounds[priority]
    for (let line = round.shift(); line !== undefined; line = round.shift()) {
      const item = this.#headOf(line)
      // The last frame of a line takes its place in the round with it.
      line.listed = line.live > 1
      if (line.listed) round.push(line)
      if (item !== undefined) return item
    }
    return undefined
  }
}
