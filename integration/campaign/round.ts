import {
  type SimulatedNetwork,
  type VirtualTime,
  seededRandom,
  simulatedNetwork,
  virtualTime,
} from '@reliable-channels/simulator'
import { LIAR, judgedLiar, keyring, letLie } from './liars.ts'
import { CHANNEL_ID, CONTENT_TOPIC } from './life.ts'
import { Member } from './member.ts'
import { type GivenSettings, drawSettings, isStrict } from './settings.ts'
import { LATE_NAMES, type Theme, commonThemes, themes } from './themes.ts'
import { type Frame, traceFrames } from './frames.ts'
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
  readonly frameBytes: number
  /** Messages that reached an application, at each member, and the bytes of their payloads. */
  readonly arrived: number
  readonly arrivedBytes: number
  /** From sending to each arrival, ms. */
  readonly delaysMs: readonly number[]
}

/** What a round is about. */
export interface RoundOptions {
  readonly seed: number
  readonly theme?: string
  /** Settings that do not follow from the seed. */
  readonly given?: GivenSettings
  /** Told in words of all that happens. */
  readonly say?: ((line: string) => void) | undefined
  /** Told of each frame. */
  readonly onFrame?: ((frame: Frame) => void) | undefined
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
  /** Does it so long after now, ms. */
  after(ms: number, work: () => void): void
  pick<T>(of: readonly T[]): T
  join(name: string): Promise<void>
  leaveWhenDelivered(member: Member, fromMs: number): void
}

const NAMES = ['alice', 'bob', 'carol', 'dave', 'eve', 'frank']
/** Those that are hexadecimal digits, and long ones, are kept otherwise. */
const ODD_NAMES = [
  'abba',
  'bobwithalongername',
  'cafedecade',
  'davewhosenameislongerthanallothers',
  'dada',
  'ee',
]
/** Of so many seeds one has members with such names. */
const ODD_SEEDS = 7
/** As many names as there are members; they are but letters, so that a payload can be told from its author. */
function namesOf(count: number, seed: number): string[] {
  const letter = (n: number): string => String.fromCharCode(97 + n)
  const names = seed % ODD_SEEDS === 0 ? ODD_NAMES : NAMES
  return Array.from(
    { length: count },
    (_, i) => names[i] ?? `peer${letter(Math.floor(i / 26))}${letter(i % 26)}`,
  )
}

/** The network when the trouble is over, where its conditions do not last. */
const WELL = { loss: 0, duplicate: 0, reorder: 0, jitterMs: 100, sendFailure: 0 }
/** How long it may take until all is well again. */
const PATIENCE_MS = 8 * 3_600_000
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
  return names.flatMap((name) => (name === 'none' ? [] : [themes[name]!]))
}

/** Runs one round in virtual time. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { seed, theme = options.given?.theme ?? themeOf(seed), given = {}, say, onFrame } = options
  const time: VirtualTime = virtualTime()
  const startMs = time.now()
  const random = seededRandom(seed, 'round')
  const settings = drawSettings(random, theme, given)
  const { activeMs, parityRate, memory } = settings
  const network = simulatedNetwork({ ...settings.network, ...settings.quota, seed, scheduler: time })
  const spoken =
    say && ((line: string) => say(`${((time.now() - startMs) / 1000).toFixed(3).padStart(10)}  ${line}`))
  const ofOrders = seededRandom(seed, 'orders')
  const isPaced = theme.split('+').includes('orders') && ofOrders() < 0.5
  const words = theme.split('+')
  const ofAll = words.includes('receipts')
  const isSigned = words.includes('impostors')
  const hasLiar = isSigned || words.includes('liars')
  const isSealed = hasLiar || words.includes('hostile')
  // The last that a member heard may be what an outsider made up.
  const isWell = (health: string): boolean => health === 'synced 0' || (isSealed && health === 'unreadable 0')
  const quota = settings.quota ?? (isPaced ? { epochMs: 10_000, messagesPerEpoch: 20 } : undefined)
  const truth = new Truth(() => time.now(), { hasParity: parityRate > 0, isStrict: isStrict(settings) })
  const members: Member[] = []
  const leaving = new Map<Member, number>()
  let replies = 0
  const names = [...namesOf(settings.members, seed), ...LATE_NAMES, LIAR]
  const cipherOf = keyring({ key: new Uint8Array(32).fill(seed % 256), names, signs: isSigned })

  const surroundings = {
    seed,
    time,
    network,
    truth,
    say: spoken,
    memory,
    channel: {
      parityRate,
      ...(ofAll && { receipts: 'all' as const }),
      ...(settings.segmentBytes !== undefined && { segmentSizeBytes: settings.segmentBytes }),
    },
    ...(quota !== undefined && { node: { rateLimit: quota } }),
    ...(isSealed && { cipherOf }),
    ...(onFrame && { frames: traceFrames(network, startMs, onFrame) }),
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
    after: (ms, work) => void time.schedule(work, ms),
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
      hasStore: random() < settings.stores,
      drift: random() < 0.2 ? (random() - 0.5) * 0.002 : 0,
      onReceived(member) {
        // A conversation, which ends.
        if (settings.messages !== undefined || replies >= 20 || random() > 0.15) return
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
    if (settings.maxBytes !== undefined) return Math.floor(random() * settings.maxBytes)
    const kind = random()
    if (kind < round.largeRate) return 100_000 + Math.floor(random() * (round.largest - 100_000))
    return Math.floor(kind > 0.95 ? random() * 60_000 : random() * 1_000)
  }
  /** Sends now and then, and sometimes much at once. */
  const plan = (member: Member, fromMs: number): void => {
    const count = settings.messages ?? 3 + Math.floor(random() * 8)
    for (let i = 0; i < count; i++) {
      const anyMs = fromMs + random() * (activeMs - fromMs)
      const nearMs = (random() < 0.5 ? -1 : 1) * 10 ** (2 + random() * 4)
      const moment = round.moments.length > 0 && random() < 0.6 ? round.pick(round.moments) + nearMs : anyMs
      const atMs = Math.min(Math.max(moment, fromMs), activeMs)
      const burst = settings.messages === undefined && random() < 0.1 ? 2 + Math.floor(random() * 6) : 1
      const isPlain = isStrict(settings)
      round.at(atMs, () => {
        for (let n = 0; n < burst; n++)
          member.send(sizeOf(), {
            ephemeral: !isPlain && random() < 0.05,
            cancel: !isPlain && random() < 0.03,
            ...how(),
          })
      })
    }
  }

  for (const name of namesOf(settings.members, seed)) members.push(makeMember(name))
  for (const member of members) await member.start()
  for (const each of themesOf(theme, random)) each(round)
  if (hasLiar) {
    truth.member(judgedLiar(startMs))
    // He may say at any time that he has lost something.
    truth.restarted(LIAR)
    const nonces = seededRandom(seed, 'nonces of a liar')
    const cipher = cipherOf(LIAR, (length) => Uint8Array.from({ length }, () => Math.floor(nonces() * 256)))
    const ground = {
      seed,
      network,
      now: () => Math.floor(time.now()),
      channelId: CHANNEL_ID,
      contentTopic: CONTENT_TOPIC,
    }
    letLie(round, { ...ground, cipher, isImpostor: isSigned })
  }
  for (const member of members) plan(member, 0)

  await time.advance(activeMs + 1_000)
  // Calm: whoever stays is there, and nothing is in the way.
  spoken?.('-- calm')
  truth.calm()
  network.change(settings.lasts ? { ...WELL, ...settings.network } : WELL)
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
      stay().every(({ isRunning, health }) => isRunning && isWell(health))
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
    else if (!isWell(member.health)) truth.violate(`${member.name}'s health is ${member.health}`)
  }
  const closed = Promise.all(members.map((member) => member.close()))
  await time.run({ until: () => members.every(({ hasProcess }) => !hasProcess), maxMs: 120_000 })
  await Promise.race([closed, Promise.resolve()])
  const { sent: frames, sentBytes: frameBytes, refused } = network.stats
  // Who forgets what he has sent, or whose clock is off, may exceed it.
  if (isStrict(settings) && refused > 0) truth.violate(`${refused} messages were above the quota`)
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
    frameBytes,
    arrived: truth.delaysMs.length,
    arrivedBytes: truth.arrivedBytes,
    delaysMs: truth.delaysMs,
  }
}
