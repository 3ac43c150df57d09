import { PEERS, type PeerName } from '../world/settings.ts'

/** The stages of the sender and of the receiver, in the order in which a frame passes them. */
export const SENDER_STAGES = ['app', 'segment', 'SDS', 'rate limit', 'encrypt', 'dispatch'] as const
export const RECEIVER_STAGES = ['decrypt', 'SDS', 'reassemble', 'app'] as const

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where things are on the canvas: from left to right, or from top to bottom where it is narrow. */
export interface PipelineMap {
  readonly isWide: boolean
  /** A stage of a peer; `part` is the way through the stages, 0 to 1. */
  senderPoint(peer: PeerName, part: number): Point
  receiverPoint(peer: PeerName, part: number): Point
  /** A line for each stage, from its name through all peers. */
  guides(): readonly (readonly [Point, Point])[]
  /** Between the last stage of the sender and the first of the receiver. */
  networkPoint(from: PeerName, to: PeerName, part: number): Point
}

/** Parts of the length at which the sender's stages begin and end, and the receiver's. */
const BOUNDS = { senderFrom: 0.045, senderTo: 0.44, receiverFrom: 0.68, receiverTo: 0.955 }
/** Room for names of stages, px. */
const HEAD_PX = { wide: 56, narrow: 34 }

export function pipelineMap(width: number, height: number): PipelineMap {
  const isWide = width >= 560
  const place = (along: number, peer: PeerName): Point => {
    const row = (PEERS.indexOf(peer) + 0.5) / PEERS.length
    if (isWide) return { x: along * width, y: HEAD_PX.wide + row * (height - HEAD_PX.wide) }
    const side = 78
    return { x: side + row * (width - side), y: HEAD_PX.narrow + along * (height - HEAD_PX.narrow) }
  }
  const within = (from: number, to: number, part: number): number => from + (to - from) * part
  const { senderFrom, senderTo, receiverFrom, receiverTo } = BOUNDS
  const [first, last] = [PEERS[0], PEERS.at(-1)!]
  const guide = (along: number, index: number): readonly [Point, Point] => {
    const [from, to] = [place(along, first), place(along, last)]
    return isWide ? [{ x: from.x, y: 26 + (index % 2) * 17 }, to] : [{ x: 72, y: from.y }, to]
  }
  return {
    isWide,
    guides: () => [
      ...SENDER_STAGES.map((_, i) => guide(within(senderFrom, senderTo, i / (SENDER_STAGES.length - 1)), i)),
      ...RECEIVER_STAGES.map((_, i) =>
        guide(within(receiverFrom, receiverTo, i / (RECEIVER_STAGES.length - 1)), i),
      ),
    ],
    senderPoint: (peer, part) => place(within(senderFrom, senderTo, part), peer),
    receiverPoint: (peer, part) => place(within(receiverFrom, receiverTo, part), peer),
    networkPoint(from, to, part) {
      const [start, end] = [place(senderTo, from), place(receiverFrom, to)]
      return { x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part }
    },
  }
}
