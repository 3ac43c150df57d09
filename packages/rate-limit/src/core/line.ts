import type { PriorityClass } from './fields.ts'
import { Ring } from './ring.ts'

/** One subscription of a channel's operator: what it sent comes back to it. */
export interface Lane {
  readonly channelId: string
  /** Frames of it that wait. */
  waiting: number
}

/** In which epochs a release counts. */
export interface Charged {
  /** Of the wall clock. */
  readonly epoch: number
  /** Of the provider, if there was one. */
  readonly providedEpoch: number | undefined
}

/** A frame that left the limiter. */
export interface Released<F> extends Charged {
  readonly type: 'released'
  readonly lane: Lane
  readonly frame: F
  readonly wanted: ((now: number) => boolean) | undefined
}

/** A frame in the queue; becomes the output when it leaves. */
export interface Waiting<F> extends Released<F> {
  lane: Lane
  frame: F
  epoch: number
  providedEpoch: number | undefined
  readonly line: Line<F>
  readonly key: string | undefined
  readonly batch: Batch | undefined
  bytes: number
  /** Asked when its turn has come. */
  wanted: ((now: number) => boolean) | undefined
  /** An optional frame that waits longer than this (ms) is dropped. */
  expiresAt: number
  /** No longer waits; its slot in the queue is skipped. */
  gone: boolean
}

/** Frames of one line that share an epoch. */
export interface Batch {
  readonly id: string
  /** Frames that belong to it. */
  readonly size: number
  arrived: number
  waiting: number
  /** All of it has arrived, or something else came after it. */
  complete: boolean
  /** Some of it has left; or it is larger than an epoch and goes like single frames. */
  started: boolean
  /** Waits for an epoch with room for it. */
  claiming: boolean
  /** Epoch in which it began to arrive. An incomplete batch waits for the rest no longer than that. */
  readonly epoch: number
}

/** Tombstones that a queue may hold without being compacted. */
const FEW = 32

/** The waiting frames of one class of one channel, first in, first out. */
export class Line<F> {
  readonly priority: PriorityClass
  /** It has its place in the round of its class. */
  listed = false
  /** Turns that it had in advance, by a batch. */
  debt = 0
  /** Frames that wait. */
  live = 0
  private readonly items = new Ring<Waiting<F>>()
  /** The batch that may still grow. */
  private tail: Batch | undefined

  constructor(priority: PriorityClass) {
    this.priority = priority
  }

  /** The batch of a frame that comes next. Frames of a batch stand in a row. */
  batchFor(id: string | undefined, size: number, epoch: number): Batch | undefined {
    let batch = this.tail
    if (batch === undefined || batch.id !== id) {
      if (batch !== undefined) batch.complete = true
      if (id === undefined) return (this.tail = undefined)
      batch = {
        id,
        size,
        arrived: 0,
        waiting: 0,
        complete: false,
        started: false,
        claiming: false,
        epoch,
      }
    }
    batch.arrived++
    batch.waiting++
    batch.complete = batch.arrived >= batch.size
    this.tail = batch.complete ? undefined : batch
    return batch
  }

  push(item: Waiting<F>): void {
    this.items.push(item)
    this.live++
  }

  /** The first frame that waits. */
  head(): Waiting<F> | undefined {
    for (;;) {
      const item = this.items.peek()
      if (item === undefined || !item.gone) return item
      this.items.shift()
    }
  }

  /** Takes the frame out, wherever it stands. */
  take(item: Waiting<F>): void {
    item.gone = true
    this.live--
    if (item.batch !== undefined) item.batch.waiting--
    if (this.items.peek() === item) this.items.shift()
    else if (this.items.length > 2 * this.live + FEW) this.items.retain(({ gone }) => !gone)
  }

  /** The waiting frames, in order. */
  waiting(): Waiting<F>[] {
    const all: Waiting<F>[] = []
    this.items.forEach((item) => {
      if (!item.gone) all.push(item)
    })
    return all
  }
}
