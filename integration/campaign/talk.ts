import type { Member } from './member.ts'
import { type Settings, isStrict } from './settings.ts'
import type { Round } from './themes/theme.ts'
import type { Order } from './truth.ts'

/** Answers in a round: a conversation ends. */
const MOST_REPLIES = 20

/** What members say in a round, and when. */
export interface Talk {
  /** Has a member send now and then from some time of the round on, ms, and sometimes much at once. */
  plan(member: Member, fromMs: number): void
  /** Has a member who has received something answer, now and then. */
  reply(member: Member): void
}

/** Makes up what members say; `ofOrders` draws how urgent it is, so that the rest is the same where nothing is. */
export function createTalk({
  round,
  settings,
  ofOrders,
}: {
  readonly round: Round
  readonly settings: Settings
  readonly ofOrders: () => number
}): Talk {
  const { random, activeMs } = round
  const isPlain = isStrict(settings)
  let replies = 0
  const how = (): Order =>
    round.mixesOrders
      ? {
          order: ofOrders() < 0.3 ? 'none' : 'causal',
          priority: (['critical', 'normal', 'optional'] as const)[Math.floor(ofOrders() * 3)]!,
        }
      : {}
  const sizeOf = (): number => {
    if (settings.maxBytes !== undefined) return Math.floor(random() * settings.maxBytes)
    const kind = random()
    if (kind < round.largeRate) return 100_000 + Math.floor(random() * (round.largest - 100_000))
    return Math.floor(kind > 0.95 ? random() * 60_000 : random() * 1_000)
  }
  return {
    plan(member, fromMs) {
      const count = settings.messages ?? 3 + Math.floor(random() * 8)
      for (let i = 0; i < count; i++) {
        const anyMs = fromMs + random() * (activeMs - fromMs)
        const nearMs = (random() < 0.5 ? -1 : 1) * 10 ** (2 + random() * 4)
        const moment = round.moments.length > 0 && random() < 0.6 ? round.pick(round.moments) + nearMs : anyMs
        const atMs = Math.min(Math.max(moment, fromMs), activeMs)
        const burst = settings.messages === undefined && random() < 0.1 ? 2 + Math.floor(random() * 6) : 1
        round.at(atMs, () => {
          for (let n = 0; n < burst; n++)
            member.send(sizeOf(), {
              ephemeral: !isPlain && random() < 0.05,
              cancel: !isPlain && random() < 0.03,
              ...how(),
            })
        })
      }
    },
    reply(member) {
      if (settings.messages !== undefined || replies >= MOST_REPLIES || random() > 0.15) return
      replies++
      round.after(random() * 3_000, () => void member.send(sizeOf(), how()))
    },
  }
}
