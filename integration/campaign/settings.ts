import type { Conditions, SimulatedNetworkOptions } from '@reliable-channels/simulator'

/** What a round is like. */
export interface Settings {
  /** What goes wrong, joined by `+`; `none` for nothing but what the network does by itself. */
  readonly theme: string
  readonly members: number
  /** Messages that each member sends; where nothing is said as many as the seed says, and answers to them. */
  readonly messages: number | undefined
  /** Largest payload, bytes; where nothing is said few are large. */
  readonly maxBytes: number | undefined
  /** Largest segment, bytes; where nothing is said what the channel takes by itself. */
  readonly segmentBytes: number | undefined
  readonly parityRate: number
  /** How long there is trouble, and messages are sent, ms. */
  readonly activeMs: number
  /** Share of the members that have a store. */
  readonly stores: number
  /** Whether the network's memory can be asked. */
  readonly memory: boolean
  /** The quota of each node, to which the network holds it. */
  readonly quota: { readonly messagesPerEpoch: number; readonly epochMs: number } | undefined
  readonly network: Conditions & Pick<SimulatedNetworkOptions, 'pageMessages'>
  /** Whether they stay when the trouble is over; otherwise nothing is lost any more. */
  readonly lasts: boolean
}

/** The settings that are given; the others follow from the seed. */
export type GivenSettings = Partial<Settings>

/** Whether nothing goes wrong that would excuse a message that is not delivered. */
export const isStrict = ({ theme }: Settings): boolean => theme === 'none'

const MINUTE_MS = 60_000

/** Draws what is not given: always the same numbers in the same order, so that what is given changes nothing else. */
export function drawSettings(random: () => number, theme: string, given: GivenSettings): Settings {
  const network = { latencyMs: 50, jitterMs: 100, loss: random() < 0.7 ? 0.05 : 0 }
  const activeMs = [10 * MINUTE_MS, 60 * MINUTE_MS, 720 * MINUTE_MS][Math.floor(random() * 3)]!
  const parityRate = random() < 0.3 ? 0.5 : 0
  const memory = random() < 0.5
  const members = 2 + Math.floor(random() * 3)
  return {
    members,
    messages: undefined,
    maxBytes: undefined,
    segmentBytes: undefined,
    parityRate,
    activeMs,
    stores: 0.75,
    memory,
    quota: undefined,
    lasts: false,
    ...given,
    network: { ...network, ...given.network },
    theme,
  }
}
