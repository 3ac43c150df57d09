/** What becomes of each frame of a round. */
import type { SimulatedNetwork, SimulatedPeer, TrafficEvent } from '@reliable-channels/simulator'
import type { Envelope } from '@reliable-channels/transport'

/** One thing that happened to a frame. */
export interface Frame {
  /** Since the beginning of the round, ms. */
  readonly ms: number
  readonly type: TrafficEvent['type']
  readonly from: string
  readonly to?: string
  readonly bytes: number
  /** The beginning of its hash. */
  readonly hash: string
  /** What it says, where it is sent. */
  readonly says?: string
}

/** Knows what frames say. */
export interface FrameTrace {
  /** Hears of the hashes of what a peer sends. */
  listen(peer: SimulatedPeer): void
  says(envelope: Envelope, what: string): void
}

/** Tells of all that happens to frames. */
export function traceFrames(
  network: SimulatedNetwork,
  startMs: number,
  onFrame: (frame: Frame) => void,
): FrameTrace {
  const said = new WeakMap<Envelope, string>()
  /** By hash, for the frame that is sent next. */
  const next = new Map<string, string>()
  network.traffic$.subscribe(({ type, hash, sizeBytes, from, to, atMs }) => {
    const says = type === 'sent' ? next.get(hash) : undefined
    next.delete(hash)
    const about = { ms: atMs - startMs, type, from, ...(to !== undefined && { to }) }
    onFrame({ ...about, bytes: sizeBytes, hash: hash.slice(0, 12), ...(says !== undefined && { says }) })
  })
  return {
    listen: (peer) =>
      void peer.hashes$?.subscribe(({ envelope, hash }) => {
        const what = said.get(envelope)
        if (what !== undefined) next.set(hash, what)
      }),
    says: (envelope, what) => void said.set(envelope, what),
  }
}
