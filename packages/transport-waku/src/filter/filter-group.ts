import { EchoWatch } from './echo-watch.ts'

/** The state of one service node that delivers for us. */
export interface FilterPeer {
  /** Content topics that it said it would deliver. */
  readonly confirmed: Set<string>
  /** Content topics to be subscribed once more, although it said it would deliver them. */
  readonly toRenew: Set<string>
  /** When it was last known to deliver, ms; 0 for never. */
  goodAtMs: number
  /** Checks in a row that it did not pass. */
  failures: number
  /** Requests go one after the other. */
  turn: Promise<unknown>
}

/** The content topics of one pubsub topic, and who delivers them. */
export class FilterGroup {
  readonly pubsubTopic: string
  /** When each was wanted first, ms. */
  readonly topics: Map<string, number> = new Map()
  /** Those that somebody has agreed to deliver. */
  readonly established: Set<string> = new Set()
  readonly peers: Map<string, FilterPeer> = new Map()
  /** Those that did not deliver, left alone until then, ms. */
  readonly resting: Map<string, number> = new Map()
  /** Since when messages may have been missed, ms; `undefined` while somebody delivers, and before anybody did. */
  gapSinceMs: number | undefined
  readonly echoes: EchoWatch = new EchoWatch()

  constructor(pubsubTopic: string) {
    this.pubsubTopic = pubsubTopic
  }

  /** Whether somebody delivers all that was ever agreed on, as far as is known. A topic just added changes nothing. */
  get isLive(): boolean {
    if (this.topics.size === 0) return true
    for (const { failures, confirmed } of this.peers.values()) {
      if (failures === 0 && [...this.established].every((topic) => confirmed.has(topic))) return true
    }
    return false
  }

  /** When somebody was last known to deliver, ms. */
  get goodAtMs(): number | undefined {
    const latest = Math.max(0, ...[...this.peers.values()].map(({ goodAtMs }) => goodAtMs))
    return latest === 0 ? undefined : latest
  }

  addPeer(peer: string): void {
    this.peers.set(peer, {
      confirmed: new Set(),
      toRenew: new Set(),
      goodAtMs: 0,
      failures: 0,
      turn: Promise.resolve(),
    })
  }

  /** Content topics to subscribe at the service node, for the first time or anew. */
  missing({ confirmed, toRenew }: FilterPeer): string[] {
    return [...this.topics.keys()].filter((topic) => !confirmed.has(topic) || toRenew.has(topic))
  }

  /** Content topics that it delivers and nobody wants any more. */
  surplus({ confirmed }: FilterPeer): string[] {
    return [...confirmed].filter((topic) => !this.topics.has(topic))
  }

  /** Notes that nobody may have delivered since the last time that somebody was known to. */
  openGap(): void {
    this.gapSinceMs ??= this.goodAtMs
  }
}
