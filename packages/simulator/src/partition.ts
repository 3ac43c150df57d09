import { onlyNames } from '@reliable-channels/options'
import { check } from './conditions.ts'

/** Options of {@link SimulatedNetwork.partition}. */
export interface PartitionOptions {
  /** Whether later groups still hear earlier ones, which do not hear them. @default false */
  readonly oneWay?: boolean
  /** How long the groups are apart, ms, before they are together again. @limit They come together. @default Infinity */
  readonly apartMs?: number
  /** How long they are then together, ms, before they are apart again, and so on. @limit They come apart. @default Infinity */
  readonly togetherMs?: number
}

/** Who hears whom, and what they remember of each other. */
export class Partition {
  #groups: ReadonlyMap<string, number> | undefined
  #count = 0
  #options: Required<PartitionOptions> = { oneWay: false, apartMs: Infinity, togetherMs: Infinity }
  #sinceMs = 0

  /** Splits the network into groups of names; those not named are one group more. */
  split(groups: readonly (readonly string[])[], nowMs: number, options: PartitionOptions): void {
    check.object('options', options)
    onlyNames(check, options, ['oneWay', 'apartMs', 'togetherMs'])
    const { oneWay = false, apartMs = Infinity, togetherMs = Infinity } = options
    check.boolean('oneWay', oneWay)
    check.above('apartMs', apartMs, 0)
    check.above('togetherMs', togetherMs, 0)
    this.#groups = new Map(groups.flatMap((names, group) => names.map((name) => [name, group])))
    this.#count = groups.length
    this.#options = { oneWay, apartMs, togetherMs }
    this.#sinceMs = nowMs
  }

  heal(): void {
    this.#groups = undefined
  }

  /** Whether what `from` sends reaches `to` now. */
  connects(from: string, to: string, nowMs: number): boolean {
    return this.#apartSince(nowMs) === undefined || this.#hears(to, from)
  }

  /** Whether `name` finds in the network's memory what `from` sent at a time. */
  remembers(name: string, from: string, atMs: number, nowMs: number): boolean {
    const sinceMs = this.#apartSince(nowMs)
    return sinceMs === undefined || atMs < sinceMs || this.#hears(name, from)
  }

  #hears(name: string, from: string): boolean {
    const own = this.#groupOf(name)
    const other = this.#groupOf(from)
    return own === other || (this.#options.oneWay && other < own)
  }

  #groupOf(name: string): number {
    return this.#groups?.get(name) ?? this.#count
  }

  /** Since when the groups are apart; `undefined` while they are together. */
  #apartSince(nowMs: number): number | undefined {
    if (this.#groups === undefined) return undefined
    const { apartMs, togetherMs } = this.#options
    const passedMs = nowMs - this.#sinceMs
    const intoMs = togetherMs === Infinity ? passedMs : passedMs % (apartMs + togetherMs)
    return intoMs < apartMs ? nowMs - intoMs : undefined
  }
}
