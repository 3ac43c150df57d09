/** Why the limiter does not take a frame, or a reservation. */
export type RefusalReason = 'queue-full' | 'bytes-full' | 'too-many' | 'too-large' | 'closed'

/** Room for frames that are about to come, so that either all of them get in or none. */
export interface Reservation {
  readonly granted: true
  readonly channelId: string
  /** Frames that it was made for. */
  readonly count: number
  /** Frames still to come. */
  readonly left: number
  /** Gives back what was not used. Calling it again does nothing. */
  release(): void
}

/** A reservation that was not granted. */
export interface Refusal {
  readonly granted: false
  /**
   * `queue-full`, `bytes-full`: no room now, see `RateLimiter.ready`.
   * `too-many`, `too-large`: more than there will ever be. `closed`: the limiter was closed.
   */
  readonly reason: RefusalReason
  /** The room asked for, and the room there is. */
  readonly message: string
}

/** Bounds of the waiting frames. */
export interface RoomOptions {
  readonly maxQueued: number
  readonly maxQueuedBytes: number
  /** Called whenever room became free. */
  readonly onFreed?: (() => void) | undefined
}

class Held implements Reservation {
  readonly granted = true
  readonly channelId: string
  readonly count: number
  left: number
  bytes: number
  readonly room: Room

  constructor(room: Room, channelId: string, count: number, bytes: number) {
    this.room = room
    this.channelId = channelId
    this.count = count
    this.left = count
    this.bytes = bytes
  }

  release(): void {
    this.room.giveBack(this)
  }
}

/** Counts the room in the queue: what waits, and what is reserved for frames to come. */
export class Room {
  #frames = 0
  #bytes = 0
  readonly #options: RoomOptions

  constructor(options: RoomOptions) {
    this.#options = options
  }

  get maxQueued(): number {
    return this.#options.maxQueued
  }

  get maxQueuedBytes(): number {
    return this.#options.maxQueuedBytes
  }

  /**
   * Why `count` frames of `bytes` in all do not fit, or `undefined` when they do.
   *
   * Critical frames may use an eighth more: a full queue must not keep acknowledgements from leaving,
   * for they are what makes the peers stop retransmitting.
   */
  refusal(count: number, bytes: number, critical: boolean): RefusalReason | undefined {
    const factor = critical ? 1.125 : 1
    const maxFrames = Math.ceil(this.#options.maxQueued * factor)
    const maxBytes = this.#options.maxQueuedBytes * factor
    if (count > maxFrames) return 'too-many'
    if (bytes > maxBytes) return 'too-large'
    if (this.#frames + count > maxFrames) return 'queue-full'
    if (this.#bytes + bytes > maxBytes) return 'bytes-full'
    return undefined
  }

  reserve(channelId: string, count: number, bytes: number): Reservation | Refusal {
    const reason = this.refusal(count, bytes, false)
    if (reason !== undefined) {
      const { maxQueued, maxQueuedBytes } = this.#options
      const message =
        `no room for ${count} frames of ${bytes} bytes: ${this.#frames} of ${maxQueued} frames ` +
        `and ${this.#bytes} of ${maxQueuedBytes} bytes are taken`
      return { granted: false, reason, message }
    }
    this.#frames += count
    this.#bytes += bytes
    return new Held(this, channelId, count, bytes)
  }

  /**
   * Takes one frame's room out of `reservation`; `false` when it has none left or is another limiter's.
   * {@link freed} is to be called once what takes its place is counted.
   */
  redeem(reservation: Reservation, bytes: number): boolean {
    if (!(reservation instanceof Held) || reservation.room !== this || reservation.left === 0) return false
    reservation.left--
    const held = reservation.left === 0 ? reservation.bytes : Math.min(reservation.bytes, bytes)
    reservation.bytes -= held
    this.#frames--
    this.#bytes -= held
    return true
  }

  giveBack(reservation: Held): void {
    const { left, bytes } = reservation
    reservation.left = 0
    reservation.bytes = 0
    if (left > 0) this.free(left, bytes)
  }

  take(bytes: number): void {
    this.#frames++
    this.#bytes += bytes
  }

  free(frames: number, bytes: number): void {
    this.#frames -= frames
    this.#bytes -= bytes
    this.freed()
  }

  /** There may be more room than before. */
  freed(): void {
    this.#options.onFreed?.()
  }
}
