import { CONTENT_TOPIC } from './life.ts'
import type { Member } from './member.ts'
import { letLoose } from './outsiders.ts'
import type { Round } from './round.ts'

/** Makes trouble in a round, from its beginning until its trouble must be over. */
export type Theme = (round: Round) => void

/** Of members who join later. */
export const LATE_NAMES = ['latea', 'lateb', 'latec'] as const

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** At a random time, and its end a random while later; both before the trouble must be over. */
function spell(
  round: Round,
  longestMs: number,
  begin: () => void,
  end: () => void,
  shortestMs = 2_000,
): void {
  const { random, activeMs } = round
  const atMs = random() * activeMs
  const longest = Math.max(shortestMs, Math.min(longestMs, activeMs - atMs))
  // As many short ones as long ones.
  const lastsMs = Math.exp(Math.log(shortestMs) + random() * Math.log(longest / shortestMs))
  round.at(atMs, begin)
  const endMs = Math.min(atMs + lastsMs, activeMs)
  round.at(endMs, end)
  round.moments.push(atMs, endMs)
}

/** How often it happens: about so often in each round, whoever it meets. */
function often(round: Round, times: number, what: (member: Member) => void): void {
  const count = 1 + Math.floor(round.random() * 2 * times)
  for (let i = 0; i < count; i++) what(round.pick(round.members))
}

const stands =
  (offline: boolean) =>
  (round: Round): void => {
    const { random } = round
    const counted = random() < 0.5
    const timersFirst = random() < 0.5
    const connectMs = offline ? random() * 10_000 : 0
    often(round, 4, (member) =>
      spell(
        round,
        12 * HOUR_MS,
        () => member.sleep({ offline }),
        () => member.wake({ counted, timersFirst, connectMs }),
      ),
    )
  }

const crashes =
  (how: (round: Round, member: Member) => void) =>
  (round: Round): void =>
    often(round, 3, (member) =>
      spell(
        round,
        2 * HOUR_MS,
        () => {
          if (!member.isAwake) return
          member.crash()
          how(round, member)
        },
        () => void member.start(),
        100,
      ),
    )

/** What may go wrong, by name. */
export const themes: Readonly<Record<string, Theme>> = {
  loss(round) {
    const { random, network } = round
    network.change({
      loss: random() * 0.4,
      duplicate: random() * 0.3,
      reorder: random() * 0.4,
      reorderMs: 10 ** (2 + random() * 2),
      jitterMs: random() * 1_000,
      sendFailure: random() * 0.2,
    })
    for (let i = 0; i < 3; i++)
      spell(
        round,
        HOUR_MS,
        () => {
          network.change({ loss: 0.4 + random() * 0.5 })
          for (const member of round.members) member.hinder('loss')
        },
        () => {
          network.change({ loss: random() * 0.3 })
          for (const member of round.members) member.relieve('loss')
        },
      )
  },
  partition(round) {
    const { random, network, members } = round
    for (let i = 0; i < 3; i++)
      spell(
        round,
        6 * HOUR_MS,
        () => {
          const groups: string[][] = [[], []]
          for (const { name } of members) groups[Math.floor(random() * 2)]!.push(name)
          network.partition(groups)
          for (const member of members) member.hinder('partition')
        },
        () => {
          network.heal()
          for (const member of members) member.relieve('partition')
        },
      )
  },
  offline: (round) =>
    often(round, 4, (member) =>
      spell(
        round,
        12 * HOUR_MS,
        () => {
          member.disconnect()
          member.hinder('offline')
        },
        () => {
          member.connect()
          member.relieve('offline')
        },
      ),
    ),
  sleep: stands(true),
  freeze: stands(false),
  leave(round) {
    const { random } = round
    const leavers = round.members.slice(2).filter(() => random() < 0.6)
    for (const member of leavers) {
      // As soon as it was told that something of it is delivered, or at any time.
      if (random() < 0.5) round.leaveWhenDelivered(member, random() * round.activeMs)
      else {
        const atMs = random() * round.activeMs
        round.moments.push(atMs)
        round.at(atMs, () => member.leave())
      }
    }
  },
  crash: crashes(() => {}),
  amnesia: crashes((_, member) => member.loseStore()),
  rollback(round) {
    often(round, 2, (member) => {
      if (!member.hasStore) return
      const { random, activeMs } = round
      const copiedMs = random() * activeMs
      const crashedMs = copiedMs + random() * (activeMs - copiedMs)
      round.moments.push(copiedMs, crashedMs)
      round.at(copiedMs, () => member.backUp())
      round.at(crashedMs, () => {
        member.crash()
        member.rollBack()
        round.at(random() * Math.min(10 * MINUTE_MS, activeMs - crashedMs), () => void member.start())
      })
    })
  },
  reopen: (round) =>
    often(round, 3, (member) =>
      spell(
        round,
        2 * HOUR_MS,
        () => void member.close(),
        () => void member.start(),
        2 * MINUTE_MS,
      ),
    ),
  clocks(round) {
    const { random, activeMs } = round
    for (const member of round.members) member.setClock((random() - 0.5) * 2 * 20_000)
    often(round, 3, (member) => {
      const most = random() < 0.5 ? 2 * MINUTE_MS : 6 * HOUR_MS
      const atMs = random() * activeMs
      round.moments.push(atMs)
      round.at(atMs, () => member.setClock((random() - 0.5) * 2 * most))
    })
  },
  store(round) {
    const { random } = round
    const kinds = ['slow', 'hangs', 'rejects'] as const
    const whats = ['reads', 'writes', 'both'] as const
    often(round, 4, (member) => {
      if (!member.hasStore) return
      spell(
        round,
        HOUR_MS,
        () => {
          member.hinder('store')
          member.disk.change({
            kind: round.pick(kinds),
            what: round.pick(whats),
            slowMs: 10 ** (1 + random() * 2.7),
            late: random() < 0.5,
          })
        },
        () => {
          member.disk.change({ kind: 'well' })
          member.relieve('store')
        },
      )
    })
  },
  transport(round) {
    const { random } = round
    const sends = ['hangs', 'rejects', 'throws', 'slow', 'no-outcome'] as const
    const memories = ['hangs', 'rejects', 'slow'] as const
    const topics = ['hangs', 'rejects'] as const
    often(round, 5, (member) =>
      spell(
        round,
        HOUR_MS,
        () => {
          member.hinder('transport')
          member.way.change({
            ...(random() < 0.7 && { send: round.pick(sends) }),
            ...(random() < 0.5 && { memory: round.pick(memories) }),
            ...(random() < 0.2 && { topics: round.pick(topics) }),
            slowMs: 10 ** (2 + random() * 3),
          })
        },
        () => {
          member.way.change({}, random() < 0.5)
          member.relieve('transport')
        },
      ),
    )
  },
  join(round) {
    const { random } = round
    const count = 1 + Math.floor(random() * 2)
    for (let i = 0; i < count; i++) round.at(random() * round.activeMs, () => void round.join(LATE_NAMES[i]!))
  },
  /** Timers that fire once a minute, as in tabs in the background. */
  tabs: (round) =>
    often(round, 4, (member) =>
      spell(
        round,
        HOUR_MS,
        () => {
          member.throttle(MINUTE_MS)
          member.hinder('tabs')
        },
        () => {
          member.throttle(0)
          member.relieve('tabs')
        },
        2 * MINUTE_MS,
      ),
    ),
  /** A member that is cut off and connected by turns, or hears and is not heard. */
  tunnel(round) {
    const { random, network, members } = round
    often(round, 4, ({ name }) => {
      const others = members.flatMap((each) => (each.name === name ? [] : [each.name]))
      const groups = random() < 0.5 ? [[name], others] : [others, [name]]
      const options = {
        oneWay: random() < 0.5,
        ...(random() < 0.7 && { apartMs: 10 ** (3 + random() * 2), togetherMs: 10 ** (3 + random() * 1.5) }),
      }
      spell(
        round,
        10 * MINUTE_MS,
        () => {
          network.partition(groups, options)
          for (const member of members) member.hinder('tunnel')
        },
        () => {
          network.heal()
          for (const member of members) member.relieve('tunnel')
        },
        10_000,
      )
    })
  },
  /** Outsiders who repeat, alter, cut and invent frames; what members say is sealed. */
  hostile: (round) => letLoose(round, CONTENT_TOPIC),
  /** A member who lies, in his own name; and one who lies in others' too, where the cipher signs. See `liars.ts`. */
  liars() {},
  impostors() {},
  /** Large messages, whatever else there is. */
  large(round) {
    round.largest = 1_000_000
    round.largeRate = 0.2
  },
  /** Messages of all priorities, and some that depend on nothing; in half of the rounds what is less urgent waits for a quota. */
  orders(round) {
    round.mixesOrders = true
  },
  /** Everybody says what it has, and remembers who has its own. */
  receipts() {},
}

/** Themes that are for whoever asks for them: the rounds of a seed without a theme are what they always were. */
const UNASKED: ReadonlySet<string> = new Set([
  'orders',
  'receipts',
  'tabs',
  'tunnel',
  'hostile',
  'liars',
  'impostors',
])

export const themeNames: readonly string[] = Object.keys(themes)
/** Those that a seed may choose. */
export const commonThemes: readonly string[] = themeNames.filter((name) => !UNASKED.has(name))

/** Whether a round can be of it: a theme, `everything`, or several joined by `+`. */
export function isTheme(text: string): boolean {
  return text.split('+').every((name) => name === 'everything' || Object.hasOwn(themes, name))
}
