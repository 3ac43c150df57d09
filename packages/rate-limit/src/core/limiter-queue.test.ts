import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CLASSES, type Priority, classOf } from './fields.ts'
import type { LimiterLane } from './line.ts'
import { LimiterQueue } from './limiter-queue.ts'
import type { LimiterOutput } from './messages.ts'
import { type Reservation, Room } from './room.ts'

const MAX_QUEUED = 12
const MAX_BYTES = 60
const LIFETIME_MS = 30
const PRIORITIES: readonly Priority[] = ['critical', 'normal', 'optional']

interface Sent {
  readonly id: number
  readonly channel: string
  readonly key: string | undefined
  readonly bytes: number
  wanted: boolean
  /** Of a channel that was closed and opened again nothing is remembered. */
  readonly line: string
  /** Where it waits: that of what it replaced, unless it is more urgent. */
  priority: number
  expiresAt: number
}

/** Does what the queue should, over plain arrays. */
class Model {
  waiting: Sent[] = []
  readonly rounds: string[][] = [[], [], []]
  served = 0
  lastLower = 2
  reserved = { frames: 0, bytes: 0 }

  get frames(): number {
    return this.waiting.length + this.reserved.frames
  }

  get bytes(): number {
    return this.waiting.reduce((sum, { bytes }) => sum + bytes, this.reserved.bytes)
  }

  admit(frame: Sent, isReserved: boolean): string[] {
    const told: string[] = []
    const { key, channel } = frame
    const older =
      key === undefined ? -1 : this.waiting.findIndex((one) => one.key === key && one.channel === channel)
    if (older >= 0) {
      const { id, priority } = this.waiting[older]!
      told.push(`replaced ${id}`)
      if (frame.priority < priority) this.waiting.splice(older, 1)
      else {
        frame.priority = priority
        this.waiting[older] = frame
        return told
      }
    }
    const factor = frame.priority === 0 ? 1.125 : 1
    const fits =
      this.frames < Math.ceil(MAX_QUEUED * factor) && this.bytes + frame.bytes <= MAX_BYTES * factor
    if (!isReserved && !fits) return [...told, `refused ${frame.id}`]
    this.waiting.push(frame)
    const round = this.rounds[frame.priority]!
    if (!round.includes(frame.line)) round.push(frame.line)
    return told
  }

  expire(now: number): string[] {
    const expired = this.waiting.filter(({ priority, expiresAt }) => priority === 2 && expiresAt <= now)
    this.waiting = this.waiting.filter((frame) => !expired.includes(frame))
    return expired.map(({ id }) => `expired ${id}`)
  }

  next(told: string[]): number | undefined {
    const ask = (priority: number): number | undefined => this.#fromClass(priority, told)
    let released: number | undefined
    if (this.served % 8 === 7 && this.#lowerDue) {
      this.#lowerDue = false
      const lower = CLASSES.filter((priority) => this.#count(priority) > 0).slice(1)
      if (lower[0] === this.lastLower) lower.reverse()
      for (const priority of lower) {
        released = ask(priority)
        if (released === undefined) continue
        this.lastLower = priority
        break
      }
    }
    for (const priority of CLASSES) released ??= this.#count(priority) > 0 ? ask(priority) : undefined
    if (released !== undefined) {
      this.served++
      this.#lowerDue = true
    }
    return released
  }
  #lowerDue = true

  #count(priority: number): number {
    return this.waiting.filter((frame) => frame.priority === priority).length
  }

  #fromClass(priority: number, told: string[]): number | undefined {
    const round = this.rounds[priority]!
    for (let left = round.length; left > 0; left--) {
      const name = round.shift()!
      const line = this.waiting.filter((one) => one.line === name && one.priority === priority)
      const at = line.findIndex(({ wanted }) => wanted)
      const gone = at < 0 ? line : line.slice(0, at)
      for (const { id } of gone) told.push(`withdrawn ${id}`)
      const first = line[at]
      this.waiting = this.waiting.filter((one) => one !== first && !gone.includes(one))
      if (first === undefined) continue
      if (line.length > at + 1) round.push(name)
      return first.id
    }
    return undefined
  }
}

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('admit' as const),
      channel: fc.constantFrom('a', 'b', 'c'),
      priority: fc.constantFrom(...PRIORITIES),
      key: fc.constantFrom(undefined, undefined, 'x', 'y'),
      bytes: fc.nat(12),
      reserved: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('next' as const), count: fc.integer({ min: 1, max: 5 }) }),
  },
  fc.record({ type: fc.constant('pass' as const), ms: fc.nat(20) }),
  fc.record({ type: fc.constant('unwant' as const), modulus: fc.integer({ min: 2, max: 5 }) }),
  fc.record({
    type: fc.constant('remove' as const),
    channel: fc.constantFrom('a', 'b', 'c'),
    modulus: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    type: fc.constant('reserve' as const),
    count: fc.integer({ min: 1, max: 4 }),
    bytes: fc.nat(20),
  }),
  fc.record({ type: fc.constant('release' as const) }),
  fc.record({ type: fc.constant('reopen' as const), channel: fc.constantFrom('a', 'b', 'c') }),
)

/** The waiting frames of a channel by class, each in order: those that are asked about when frames may be removed. */
function waitingOf(queue: LimiterQueue<Sent>, channel: string): Sent[] {
  const frames: Sent[] = []
  queue.remove(channel, (frame) => {
    frames.push(frame)
    return false
  })
  return frames
}

it('does what arrays do, whatever is admitted, reserved, replaced, unwanted, expired, removed or released', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120, size: 'max' }), (commands) => {
      const room = new Room({ maxQueued: MAX_QUEUED, maxQueuedBytes: MAX_BYTES })
      const queue = new LimiterQueue<Sent>({
        room,
        optionalLifetimeMs: LIFETIME_MS,
      })
      const lanes = new Map<string, LimiterLane>(
        ['a', 'b', 'c'].map((channel) => [channel, queue.openLane(channel)]),
      )
      const opened = new Map<string, number>()
      const model = new Model()
      let reservation: { readonly held: Reservation; bytes: number } | undefined
      let now = 0
      let id = 0
      const names = (outputs: readonly LimiterOutput<Sent>[]): string[] =>
        outputs.map((output) => ('frame' in output ? `${output.type} ${output.frame.id}` : output.type))
      for (const one of commands) {
        const outputs: LimiterOutput<Sent>[] = []
        const told: string[] = []
        if (one.type === 'admit') {
          const { channel, key } = one
          const priority = classOf(one.priority)
          const isReserved = one.reserved && reservation !== undefined && reservation.held.left > 0
          const frame: Sent = {
            id: id++,
            channel,
            line: `${channel} ${opened.get(channel) ?? 0}`,
            key,
            bytes: one.bytes,
            wanted: true,
            priority,
            expiresAt: now + LIFETIME_MS,
          }
          if (isReserved) {
            const held =
              reservation!.held.left === 1 ? reservation!.bytes : Math.min(reservation!.bytes, one.bytes)
            reservation!.bytes -= held
            model.reserved.frames--
            model.reserved.bytes -= held
          }
          told.push(...model.admit(frame, isReserved))
          const fields = {
            priority: one.priority,
            replaces: key,
            payload: new Uint8Array(one.bytes),
            wanted: () => frame.wanted,
            ...(isReserved && { reservation: reservation!.held }),
          }
          queue.admit({ type: 'frame', lane: lanes.get(channel)!, frame, fields }, now, outputs)
        } else if (one.type === 'next') {
          for (let i = 0; i < one.count; i++) {
            const expected = model.next(told)
            const item = queue.next({ epoch: 0, providedEpoch: undefined }, now)
            expect(item?.frame.id).toBe(expected)
          }
          queue.takeWithdrawn(outputs)
        } else if (one.type === 'pass') {
          now += one.ms
          told.push(...model.expire(now))
          outputs.push(...queue.expire(now))
        } else if (one.type === 'unwant') {
          for (const frame of model.waiting) frame.wanted &&= frame.id % one.modulus !== 0
        } else if (one.type === 'remove') {
          const meant = (frame: Sent): boolean =>
            frame.channel === one.channel && frame.id % one.modulus === 0
          const removed = model.waiting.filter(meant).length
          model.waiting = model.waiting.filter((frame) => !meant(frame))
          expect(queue.remove(one.channel, meant)).toBe(removed)
        } else if (one.type === 'reserve') {
          if (reservation !== undefined && reservation.held.left > 0) continue
          const fits = model.frames + one.count <= MAX_QUEUED && model.bytes + one.bytes <= MAX_BYTES
          const made = room.reserve('a', one.count, one.bytes)
          expect(made.granted).toBe(fits)
          if (!made.granted) continue
          model.reserved = { frames: one.count, bytes: one.bytes }
          reservation = { held: made, bytes: one.bytes }
        } else if (one.type === 'release') {
          reservation?.held.release()
          model.reserved = { frames: 0, bytes: 0 }
        } else {
          queue.dropLane(lanes.get(one.channel)!)
          model.waiting = model.waiting.filter(({ channel }) => channel !== one.channel)
          lanes.set(one.channel, queue.openLane(one.channel))
          opened.set(one.channel, (opened.get(one.channel) ?? 0) + 1)
        }
        expect(names(outputs).toSorted()).toEqual(told.toSorted())
        expect(queue.length).toBe(model.waiting.length)
        for (const channel of ['a', 'b', 'c']) {
          for (const priority of CLASSES) {
            const isOfLine = (frame: Sent): boolean =>
              frame.channel === channel && frame.priority === priority
            expect(waitingOf(queue, channel).filter(isOfLine)).toEqual(model.waiting.filter(isOfLine))
          }
        }
        const freeFrames = MAX_QUEUED - model.frames
        if (freeFrames > 0) {
          const freeBytes = MAX_BYTES - model.bytes
          expect(room.refusal(freeFrames, Math.max(freeBytes, 0), false)).toBe(
            freeBytes < 0 ? 'bytes-full' : undefined,
          )
          expect(room.refusal(freeFrames + 1, 0, false)).toBe(
            freeFrames === MAX_QUEUED ? 'too-many' : 'queue-full',
          )
          expect(room.refusal(1, freeBytes + 1, false)).not.toBe(undefined)
        } else expect(room.refusal(1, 0, false)).toBe('queue-full')
      }
    }),
    { numRuns: 300 },
  )
})
