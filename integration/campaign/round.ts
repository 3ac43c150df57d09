import { type VirtualTime, seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { LIAR, judgedLiar, keyring, letLie } from './liars.ts'
import { CHANNEL_ID, CONTENT_TOPIC } from './life.ts'
import { Member } from './member.ts'
import { type GivenSettings, drawSettings, isStrict } from './settings.ts'
import { type Frame, traceFrames } from './frames.ts'
import { Truth } from './truth.ts'
import { namesOf } from './names.ts'
import { LATE_NAMES, type Round } from './themes/theme.ts'
import { themeOf, themesOf } from './themes.ts'
import { createTalk } from './talk.ts'

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

/** The network when the trouble is over, where its conditions do not last. */
const WELL = { loss: 0, duplicate: 0, reorder: 0, jitterMs: 100, sendFailure: 0 }
/** How long it may take until all is well again. */
const PATIENCE_MS = 8 * 3_600_000
/** How long it is watched after that: longer than it takes until what is found missing then is given up. */
const WATCH_MS = 960_000

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
      talk.plan(member, time.now() - startMs)
    },
    leaveWhenDelivered: (member, fromMs) => void leaving.set(member, startMs + fromMs),
  }
  const talk = createTalk({ round, settings, ofOrders })
  const makeMember = (name: string): Member =>
    new Member(surroundings, {
      name,
      hasStore: random() < settings.stores,
      drift: random() < 0.2 ? (random() - 0.5) * 0.002 : 0,
      onReceived: (member) => talk.reply(member),
      onDelivered(member) {
        const fromMs = leaving.get(member)
        if (fromMs === undefined || fromMs > time.now()) return
        leaving.delete(member)
        time.schedule(() => member.leave(), 0)
      },
    })
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
  for (const member of members) talk.plan(member, 0)

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
  // What is found missing only then, by what somebody said at last, ends as well.
  await time.run({ until: isOver, maxMs: PATIENCE_MS })
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
