import type { HistoryEntry, SdsMessage } from '@reliable-channels/sds/core'
import { segmentPayload } from '@reliable-channels/segmentation/core'

/** What a liar can do: he hears all, and sends what he likes. */
export interface Hands {
  readonly random: () => number
  readonly now: () => number
  /** Frames as the network brought them, own ones left out. */
  readonly frames: readonly Uint8Array[]
  /** What was in them, if he has the key. */
  readonly messages: readonly SdsMessage[]
  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void
  /** Seals and sends an SDS message, with the key, and signs it in his own name where the cipher signs. */
  say(message: Partial<SdsMessage>): void
}

/** Somebody who does not mean well. */
export interface HostileMember {
  readonly name: string
  /** Whether he has the channel's key. */
  readonly hasKey: boolean
  /** Does what he does, once a second. */
  readonly act: (hands: Hands, second: number) => void
}

const below = ({ random }: Hands, limit: number): number => Math.floor(random() * limit)
const pick = <T>(hands: Hands, all: readonly T[]): T | undefined => all[below(hands, all.length)]
const noise = (hands: Hands, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => below(hands, 256))

const entries = (ids: readonly string[], senderId = 'alice'): HistoryEntry[] =>
  ids.map((messageId) => ({ messageId, senderId }))
const madeUp = (second: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `made up ${second} ${i}`)
const contentsOf = ({ messages }: Hands): SdsMessage[] =>
  messages.filter(({ content }) => content !== undefined && content.length > 0)
const idsOf = (hands: Hands): string[] => [...new Set(contentsOf(hands).map(({ messageId }) => messageId))]
const content = (text: string): Uint8Array => segmentPayload(new TextEncoder().encode(text))[0]!.payload
/** Bytes of a filter of the usual size. */
const FILTER_BYTES = 17_976

const strangers: readonly Omit<HostileMember, 'hasKey'>[] = [
  {
    name: 'forged-frames',
    act(hands) {
      hands.send(noise(hands, 1 + below(hands, 400)))
      // With the header of a real one.
      const real = pick(hands, hands.frames)
      if (real !== undefined) hands.send(Uint8Array.of(...real.subarray(0, 6), ...noise(hands, 200)))
    },
  },
  {
    name: 'mutated-frames',
    act(hands) {
      for (let i = 0; i < 5; i++) {
        const changed = pick(hands, hands.frames)?.slice()
        if (changed === undefined) return
        changed[below(hands, changed.length)]! ^= 1 << below(hands, 8)
        hands.send(i === 0 ? changed.subarray(0, 1 + below(hands, changed.length - 1)) : changed)
      }
    },
  },
  {
    name: 'replayed-frames',
    act(hands) {
      for (let i = 0; i < 5; i++) {
        const real = pick(hands, hands.frames)
        if (real !== undefined) hands.send(real)
      }
    },
  },
]

const members: readonly Omit<HostileMember, 'hasKey'>[] = [
  {
    name: 'poisoned-clocks',
    act(hands, second) {
      const stamps = [
        0,
        1,
        hands.now() + 86_000_000,
        hands.now() + 90_000_000,
        2n ** 63n - 1n,
        2n ** 64n - 1n,
      ]
      const lamport = stamps[second % stamps.length]!
      hands.say({ messageId: `clock ${second}`, lamport, content: content(`at ${lamport}`) })
      hands.say({ messageId: `tick ${second}`, lamport })
      hands.say({ messageId: `now ${second}`, lamport: undefined, sentAt: lamport, content: content('now') })
    },
  },
  {
    name: 'filters-of-everything',
    act: (hands, second) =>
      hands.say({
        messageId: `filter ${second}`,
        bloomFilter: new Uint8Array(FILTER_BYTES).fill(second % 2 === 0 ? 255 : 0),
      }),
  },
  {
    name: 'endless-dependencies',
    act(hands, second) {
      const causalHistory = entries(madeUp(second, 2))
      hands.say({ messageId: `after ${second}`, causalHistory, content: content(`after ${second}`) })
    },
  },
  {
    name: 'circles',
    act(hands, second) {
      const [one, other] = [`circle ${second} a`, `circle ${second} b`]
      hands.say({ messageId: one, causalHistory: entries([other], 'mallory'), content: content(one) })
      hands.say({ messageId: other, causalHistory: entries([one], 'mallory'), content: content(other) })
    },
  },
  {
    name: 'repair-storm',
    act(hands, second) {
      for (let i = 0; i < 3; i++)
        hands.say({ messageId: `ask ${second} ${i}`, repairRequest: entries(idsOf(hands).slice(-40)) })
    },
  },
  {
    name: 'sync-storm',
    act(hands, second) {
      for (let i = 0; i < 10; i++)
        hands.say({ messageId: `sync ${second} ${i}`, causalHistory: entries(idsOf(hands).slice(-2)) })
    },
  },
  {
    name: 'segment-flood',
    act(hands, second) {
      const payload = noise(hands, 4_000)
      // All but one of each.
      for (const [i, segment] of segmentPayload(payload, { segmentSizeBytes: 400 }).slice(1).entries())
        hands.say({ messageId: `flood ${second} ${i}`, content: segment.payload })
    },
  },
  {
    name: 'old-replays',
    act(hands, second) {
      for (let i = 0; i < 3; i++) {
        const old = pick(hands, contentsOf(hands))
        // What he says again in his own name is another message.
        if (old !== undefined)
          hands.say({ ...old, senderId: 'mallory', messageId: `${old.messageId} ${second}` })
      }
    },
  },
  {
    name: 'equivocation',
    act(hands, second) {
      for (const text of ['yes', 'no'])
        hands.say({ messageId: `vote ${second}`, content: content(`${text} ${second}`) })
    },
  },
]

/** Those who lie about who they are: with a key that all share, nothing can be done about that. */
const impostors: readonly Omit<HostileMember, 'hasKey'>[] = [
  {
    name: 'impersonated-senders',
    act: (hands, second) =>
      hands.say({ senderId: 'alice', messageId: `as alice ${second}`, content: content(`lie ${second}`) }),
  },
  {
    name: 'false-acknowledgements',
    act: (hands, second) =>
      hands.say({ senderId: 'bob', messageId: `has ${second}`, causalHistory: entries(idsOf(hands)) }),
  },
  {
    name: 'stolen-ids',
    act(hands) {
      // What one has not got yet, before he gets it.
      const newest = contentsOf(hands).at(-1)
      if (newest !== undefined) hands.say({ ...newest, content: content('stolen') })
    },
  },
]

const all = (of: readonly Omit<HostileMember, 'hasKey'>[], hasKey: boolean): HostileMember[] =>
  of.map((member) => ({ ...member, hasKey }))

/** Everybody of whom SECURITY.md says what is guaranteed against him. */
export const hostileMembers: readonly HostileMember[] = [
  ...all(strangers, false),
  ...all(members, true),
  ...all(impostors, true),
]

/** The names of those who speak in the name of others. */
export const impostorNames: readonly string[] = impostors.map(({ name }) => name)
