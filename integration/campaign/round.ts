import {
  type SimulatedNetwork,
  type VirtualTime,
  seededRandom,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import { Member } from './member.ts'
import { type Theme, commonThemes, themes } from './themes.ts'
import { type Order, Truth } from './truth.ts'

/** The result of one round. */
export interface RoundResult {
  readonly seed: number
  /** Its themes, joined by `+`. */
  readonly theme: string
  readonly violations: readonly string[]
  /** Virtual time that it took, s. */
  readonly seconds: number
  readonly members: number
  readonly messages: number
  readonly received: number
  readonly delivered: number
  readonly failed: number
  readonly lost: number
  readonly frames: number
}

/** A round that is under way, as themes see it. */
export interface Round {
  readonly random: () => number
  readonly network: SimulatedNetwork
  readonly members: readonly Member[]
  /** How long there is trouble, ms. */
  readonly activeMs: number
  /** When something begins or ends, ms after the beginning: then more is said. */
  readonly moments: number[]
  /** Largest message, bytes, and how many of ten are large. */
  largest: number
  largeRate: number
  /** Whether messages have priorities, and some depend on nothing. */
  mixesOrders: boolean
  /** Does it so long after the beginning, ms. */
  at(ms: number, work: () => void): void
  pick<T>(of: readonly T[]): T
  join(name: string): Promise<void>
  leaveWhenDelivered(member: Member, fromMs: number): void
}

const NAMES = ['alice', 'bob', 'carol', 'dave', 'eve', 'frank']
const HOUR_MS = 3_600_000
/** How long it may take until all is well again. */
const PATIENCE_MS = 8 * HOUR_MS
/** How long it is watched after that: longer than it takes until what is found missing then is given up. */
const WATCH_MS = 960_000

/** The themes of a seed where none is asked for: each alone, pairs, everything. */
export function themeOf(seed: number): string {
  const kinds = [...commonThemes, 'pair', 'pair', 'pair', 'pair', 'everything', 'everything']
  const kind = kinds[seed % kinds.length]!
  if (kind !== 'pair') return kind
  const random = seededRandom(seed, 'pair')
  const first = Math.floor(random() * commonThemes.length)
  const second = (first + 1 + Math.floor(random() * (commonThemes.length - 1))) % commonThemes.length
  return [commonThemes[first]!, commonThemes[second]!].join('+')
}

function themesOf(theme: string, random: () => number): Theme[] {
  // With everything at once nothing would be left.
  const names = theme
    .split('+')
    .flatMap((name) => (name === 'everything' ? commonThemes.filter(() => random() < 0.7) : [name]))
  return names.map((name) => themes[name]!)
}

/** Runs one round in virtual time. */
export async function runRound(
  seed: number,
  theme: string = themeOf(seed),
  say?: (line: string) => void,
): Promise<RoundResult> {
  const time: VirtualTime = virtualTime()
  const startMs = time.now()
  const random = seededRandom(seed, 'round')
  const network = simulatedNetwork({
    seed,
    scheduler: time,
    latencyMs: 50,
    jitterMs: 100,
    loss: random() < 0.7 ? 0.05 : 0,
  })
  const spoken =
    say && ((line: string) => say(`${((time.now() - startMs) / 1000).toFixed(3).padStart(10)}  ${line}`))
  const activeMs = [10 * 60_000, HOUR_MS, 12 * HOUR_MS][Math.floor(random() * 3)]!
  const parityRate = random() < 0.3 ? 0.5 : 0
  const ofOrders = seededRandom(seed, 'orders')
  const isPaced = theme.split('+').includes('orders') && ofOrders() < 0.5
  const truth = new Truth(() => time.now(), parityRate > 0)
  const members: Member[] = []
  const leaving = new Map<Member, number>()
  let replies = 0

  const surroundings = {
    seed,
    time,
    network,
    truth,
    say: spoken,
    memory: random() < 0.5,
    channel: { parityRate },
    ...(isPaced && { node: { rateLimit: { epochMs: 10_000, messagesPerEpoch: 20 } } }),
  }
  const round: Round = {
    random,
    network,
    members,
    activeMs,
    moments: [],
    largest: 300_000,
    largeRate: 0.02,
    mixesOrders: false,
    at: (ms, work) => void time.schedule(work, Math.max(0, startMs + ms - time.now())),
    pick: (of) => of[Math.floor(random() * of.length)]!,
    async join(name) {
      const member = makeMember(name)
      members.push(member)
      await member.start()
      plan(member, time.now() - startMs)
    },
    leaveWhenDelivered: (member, fromMs) => void leaving.set(member, startMs + fromMs),
  }
  const makeMember = (name: string): Member =>
    new Member(surroundings, {
      name,
      hasStore: random() < 0.75,
      drift: random() < 0.2 ? (random() - 0.5) * 0.002 : 0,
      onReceived(member) {
        // A conversation, which ends.
        if (replies >= 20 || random() > 0.15) return
        replies++
        time.schedule(() => void member.send(sizeOf(), how()), random() * 3_000)
      },
      onDelivered(member) {
        const fromMs = leaving.get(member)
        if (fromMs === undefined || fromMs > time.now()) return
        leaving.delete(member)
        time.schedule(() => member.leave(), 0)
      },
    })
  const how = (): Order =>
    round.mixesOrders
      ? {
          order: ofOrders() < 0.3 ? 'none' : 'causal',
          priority: (['critical', 'normal', 'optional'] as const)[Math.floor(ofOrders() * 3)]!,
        }
      : {}
  const sizeOf = (): number => {
    const kind = random()
    if (kind < round.largeRate) return 100_000 + Math.floor(random() * (round.largest - 100_000))
    return Math.floor(kind > 0.95 ? random() * 60_000 : random() * 1_000)
  }
  /** Sends now and then, and sometimes much at once. */
  const plan = (member: Member, fromMs: number): void => {
    const count = 3 + Math.floor(random() * 8)
    for (let i = 0; i < count; i++) {
      const anyMs = fromMs + random() * (activeMs - fromMs)
      const nearMs = (random() < 0.5 ? -1 : 1) * 10 ** (2 + random() * 4)
      const moment = round.moments.length > 0 && random() < 0.6 ? round.pick(round.moments) + nearMs : anyMs
      const atMs = Math.min(Math.max(moment, fromMs), activeMs)
      const burst = random() < 0.1 ? 2 + Math.floor(random() * 6) : 1
      round.at(atMs, () => {
        for (let n = 0; n < burst; n++)
          member.send(sizeOf(), { ephemeral: random() < 0.05, cancel: random() < 0.03, ...how() })
      })
    }
  }

  const count = 2 + Math.floor(random() * 3)
  for (const name of NAMES.slice(0, count)) members.push(makeMember(name))
  for (const member of members) await member.start()
  for (const each of themesOf(theme, random)) each(round)
  for (const member of members) plan(member, 0)

  await time.advance(activeMs + 1_000)
  // Calm: whoever stays is there, and nothing is in the way.
  spoken?.('-- calm')
  network.change({ loss: 0, duplicate: 0, reorder: 0, jitterMs: 100, sendFailure: 0 })
  network.heal()
  for (const member of members) {
    member.disk.change({ kind: 'well' })
    member.way.change({}, true)
    if (member.isAsleep) member.wake({ timersFirst: false, counted: true, connectMs: 0 })
    member.connect()
    member.hindered.clear()
    member.assess()
    if (!member.isGone) void member.start()
  }
  const stay = (): Member[] => members.filter(({ isGone }) => !isGone)
  const isOver = (): boolean => {
    if (time.now() < nextLookMs) return false
    nextLookMs = time.now() + 5_000
    return (
      truth.missing().next().done === true &&
      stay().every(({ isRunning, health }) => isRunning && health === 'synced 0')
    )
  }
  let nextLookMs = 0
  const calmMs = time.now()
  await time.run({ until: isOver, maxMs: PATIENCE_MS })
  const seconds = (time.now() - calmMs) / 1000
  spoken?.('-- watched')
  await time.advance(WATCH_MS)
  let told = 0
  for (const each of truth.missing()) if (told++ < 12) truth.violate(each)
  for (const member of stay()) {
    if (!member.isRunning) truth.violate(`${member.name} does not run`)
    else if (member.health !== 'synced 0') truth.violate(`${member.name}'s health is ${member.health}`)
  }
  const closed = Promise.all(members.map((member) => member.close()))
  await time.run({ until: () => members.every(({ hasProcess }) => !hasProcess), maxMs: 120_000 })
  await Promise.race([closed, Promise.resolve()])
  const { sent: frames } = network.stats
  network.close()
  return {
    seed,
    theme,
    violations: truth.violations,
    seconds,
    members: members.length,
    messages: truth.sent.size,
    ...truth.counts,
    frames,
  }
}
