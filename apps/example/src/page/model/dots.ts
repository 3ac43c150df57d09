import type { PeerName } from '../world/settings.ts'
import type { WorldEvent } from '../world/world-event.ts'

/** Dots on their way at once. @limit The oldest disappears. */
const MAX_DOTS = 400

/** How long a dot takes through the sender's stages, through the receiver's, and to fall, ms of the visitor's time. */
const OUT_MS = 700
const IN_MS = 500
const FALL_MS = 900
const CROSSING_MS = 380

/** One copy of a frame, between its sender's last stage and its receiver's application. */
export interface CopyDot {
  readonly to: PeerName
  /** Way through the network, 0 to 1. */
  crossed: number
  /** Way through the receiver's stages, 0 to 1. */
  climbed: number
  /** Time that it has been falling, as a part of the whole fall, 0 to 1. */
  fallen: number
  arrived: boolean
  /** Why it falls. */
  reason?: string
  /** Where it falls: in the network at this part of the way, or at the receiver's first stage. */
  readonly fallsAt: number
}

/** One frame on its way. */
export interface Dot {
  readonly hash: string
  readonly kind: 'content' | 'retransmission' | 'repair' | 'sync'
  readonly from: PeerName
  /** Way through the sender's stages, 0 to 1. */
  left: number
  readonly copies: CopyDot[]
}

/**
 * The frames as dots. They replay what happened, a little later and slower than it did, so that an eye can follow; where
 * each goes and whether it arrives is what happened to that very frame.
 */
export class Dots {
  readonly all = new Map<string, Dot>()
  #falls = 0

  take(event: WorldEvent): void {
    if (event.type === 'frame') {
      const { hash, kind, peer: from } = event
      // What SDS says by itself does not come from the application.
      this.all.set(hash, {
        hash,
        kind,
        from,
        left: kind === 'content' ? 0 : 0.34,
        copies: this.all.get(hash)?.copies ?? [],
      })
      if (this.all.size > MAX_DOTS) this.all.delete(this.all.keys().next().value!)
    } else if (event.type === 'arrived') {
      const waiting = this.all.get(event.hash)
      if (waiting !== undefined) copyFor(waiting, event.to, this.#falls).arrived = true
    } else if (event.type === 'lost') {
      const dot = this.all.get(event.hash)
      if (dot !== undefined) copyFor(dot, event.to, ++this.#falls).reason = event.reason
    } else if (event.type === 'channel' && event.event.type === 'diagnostic:message-error') {
      // It is told before the network tells that the frame has arrived.
      const dot = this.all.get(event.event.messageHash)
      if (dot !== undefined) copyFor(dot, event.peer, this.#falls).reason = 'wrong key'
    }
  }

  /** Moves everything on by so much of the visitor's time, ms. */
  move(ms: number): void {
    for (const dot of this.all.values()) {
      dot.left = Math.min(1, dot.left + ms / OUT_MS)
      if (dot.left < 1) continue
      for (const copy of dot.copies) moveCopy(copy, ms)
      if (dot.copies.length >= 2 && dot.copies.every(isOver)) this.all.delete(dot.hash)
    }
  }
}

function copyFor(dot: Dot, to: PeerName, falls: number): CopyDot {
  const known = dot.copies.find((copy) => copy.to === to)
  if (known !== undefined) return known
  const copy: CopyDot = {
    to,
    crossed: 0,
    climbed: 0,
    fallen: 0,
    arrived: false,
    fallsAt: 0.3 + 0.12 * (falls % 4),
  }
  dot.copies.push(copy)
  return copy
}

function moveCopy(copy: CopyDot, ms: number): void {
  const { arrived, reason, fallsAt } = copy
  if (!arrived && reason !== undefined && copy.crossed >= fallsAt)
    copy.fallen = Math.min(1, copy.fallen + ms / FALL_MS)
  else if (copy.crossed < 1) copy.crossed = Math.min(1, copy.crossed + ms / CROSSING_MS)
  else if (arrived && reason !== undefined && copy.climbed >= 0.25)
    copy.fallen = Math.min(1, copy.fallen + ms / FALL_MS)
  else copy.climbed = Math.min(1, copy.climbed + ms / IN_MS)
}

const isOver = ({ climbed, fallen }: CopyDot): boolean => climbed >= 1 || fallen >= 1
