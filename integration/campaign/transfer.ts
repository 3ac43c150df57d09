/** One large message from alice to the others, through what befalls people: it must be whole at everybody in the end. */
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { Member } from './member.ts'
import { Truth } from './truth.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** The mishaps of a transfer. */
interface Plot {
  readonly title: string
  readonly names?: readonly string[]
  readonly offsetsMs?: Readonly<Record<string, number>>
  act(stage: Stage): void
}

/** Where a plot acts. */
interface Stage {
  member(name: string): Member
  /** How long it takes when nothing befalls it, s. */
  readonly lastsS: number
  at(seconds: number, work: () => void): void
  /** When somebody has it whole. */
  whenHas(name: string, work: () => void): void
}

/** Frames that leave in a second. */
const FRAMES_PER_SECOND = 8
/** Bytes of content that a segment carries. */
const SEGMENT_BYTES = 102_000

function away(stage: Stage, name: string, fromS: number, ms: number): void {
  stage.at(fromS, () => {
    stage.member(name).disconnect()
    stage.member(name).hinder('offline')
  })
  stage.at(fromS + ms / 1000, () => {
    stage.member(name).connect()
    stage.member(name).relieve('offline')
  })
}

function restart(stage: Stage, name: string, fromS: number, ms: number): void {
  stage.at(fromS, () => stage.member(name).crash())
  stage.at(fromS + ms / 1000, () => void stage.member(name).start())
}

/** The plots, by name. */
export const plots: Readonly<Record<string, Plot>> = {
  'sender-offline': {
    title: 'the sender is offline for an hour in the middle',
    act: (stage) => away(stage, 'alice', stage.lastsS / 2, HOUR_MS),
  },
  'receiver-asleep': {
    title: 'the receiver sleeps for twelve hours in the middle',
    act(stage) {
      stage.at(stage.lastsS / 2, () => stage.member('bob').sleep({ offline: true }))
      stage.at(stage.lastsS / 2 + 12 * 3600, () =>
        stage.member('bob').wake({ timersFirst: true, counted: true, connectMs: 2_000 }),
      )
    },
  },
  restarts: {
    title: 'both are restarted in the middle',
    act(stage) {
      restart(stage, 'alice', stage.lastsS / 2, 2 * MINUTE_MS)
      restart(stage, 'bob', stage.lastsS / 2 + 2, MINUTE_MS)
    },
  },
  store: {
    title: 'the stores take 2 s a write, then hang for a minute, then take 2 s again',
    act(stage) {
      const both = (mood: Parameters<Member['disk']['change']>[0]) => (): void => {
        for (const name of ['alice', 'bob']) stage.member(name).disk.change(mood)
      }
      both({ kind: 'slow', slowMs: 2_000 })()
      stage.at(stage.lastsS / 2, both({ kind: 'hangs', late: true }))
      stage.at(stage.lastsS / 2 + 60, both({ kind: 'slow', slowMs: 2_000 }))
    },
  },
  'pauses-twice': {
    title: 'the sender is offline for an hour, twice',
    act(stage) {
      away(stage, 'alice', stage.lastsS / 3, HOUR_MS)
      away(stage, 'alice', 3600 + (2 * stage.lastsS) / 3, HOUR_MS)
    },
  },
  'receiver-pauses-twice': {
    title: 'the receiver is offline for an hour, twice, and restarted in between',
    act(stage) {
      away(stage, 'bob', stage.lastsS / 3, HOUR_MS)
      restart(stage, 'bob', 3600 + stage.lastsS / 2, MINUTE_MS)
      away(stage, 'bob', 3600 + (2 * stage.lastsS) / 3 + 120, HOUR_MS)
    },
  },
  'one-keeps-it': {
    title: 'one of three has it when the sender leaves for good; the other was asleep',
    names: ['alice', 'bob', 'carol'],
    act(stage) {
      stage.at(stage.lastsS / 2, () => stage.member('carol').sleep({ offline: true }))
      stage.whenHas('bob', () => stage.member('alice').leave())
      stage.at(2 * 3600, () =>
        stage.member('carol').wake({ timersFirst: false, counted: false, connectMs: 2_000 }),
      )
    },
  },
  'reads-hang': {
    title: 'the stores hang for reads alone, while the sender is offline for an hour',
    act(stage) {
      for (const name of ['alice', 'bob']) {
        stage.at(stage.lastsS / 4, () => stage.member(name).disk.change({ kind: 'hangs', what: 'reads' }))
        stage.at(2 * 3600, () => stage.member(name).disk.change({ kind: 'well' }))
      }
      away(stage, 'alice', stage.lastsS / 2, HOUR_MS)
    },
  },
  clocks: {
    title: 'the clocks are ten minutes off on both sides, and the receiver is asleep for an hour',
    offsetsMs: { alice: 10 * MINUTE_MS, bob: -10 * MINUTE_MS },
    act(stage) {
      stage.at(stage.lastsS / 2, () => stage.member('bob').sleep({ offline: true }))
      stage.at(stage.lastsS / 2 + 3600, () =>
        stage.member('bob').wake({ timersFirst: false, counted: true, connectMs: 2_000 }),
      )
    },
  },
}

/** Options of {@link runTransfer}. */
export interface TransferOptions {
  readonly bytes: number
  readonly parityRate?: number
  readonly seed?: number
  /** Whether the network's memory can be asked. @default false */
  readonly memory?: boolean
  readonly say?: ((line: string) => void) | undefined
}

/** The result of a transfer. */
export interface TransferResult {
  readonly violations: readonly string[]
  /** When the last had it, and when the sender was told that it is delivered, s. */
  readonly receivedS: number | undefined
  readonly deliveredS: number | undefined
  readonly frames: number
}

/** How long after its plot a transfer may take. */
const PATIENCE_MS = 24 * HOUR_MS

export async function runTransfer(name: string, options: TransferOptions): Promise<TransferResult> {
  const { bytes, parityRate = 0, seed = 1, memory = false, say } = options
  const plot = plots[name]!
  const { names = ['alice', 'bob'], offsetsMs = {} } = plot
  const time = virtualTime()
  const startMs = time.now()
  const seconds = (): number => (time.now() - startMs) / 1000
  const network = simulatedNetwork({ seed, scheduler: time, latencyMs: 50, jitterMs: 100, loss: 0.02 })
  const truth = new Truth(() => time.now())
  const spoken = say && ((line: string): void => say(`${seconds().toFixed(3).padStart(10)}  ${line}`))
  const hears = new Map<string, () => void>()
  let receivedS: number | undefined
  let deliveredS: number | undefined
  const members = names.map(
    (each) =>
      new Member(
        // Of 256 segments with parity 26 MB are more than the usual ones carry.
        {
          seed,
          time,
          network,
          truth,
          memory,
          say: spoken,
          channel: { parityRate, ...(parityRate > 0 && { segmentSizeBytes: 117_500 }) },
        },
        {
          name: each,
          hasStore: true,
          offsetMs: offsetsMs[each] ?? 0,
          onReceived: (member) => {
            receivedS = seconds()
            hears.get(member.name)?.()
          },
          onDelivered: () => (deliveredS ??= seconds()),
        },
      ),
  )
  for (const member of members) await member.start()
  const member = (wanted: string): Member => members.find((each) => each.name === wanted)!
  let lastMs = 0
  plot.act({
    member,
    lastsS: (bytes * (1 + parityRate)) / SEGMENT_BYTES / FRAMES_PER_SECOND,
    at(s, work) {
      lastMs = Math.max(lastMs, s * 1000)
      time.schedule(work, s * 1000)
    },
    whenHas: (who, work) => void hears.set(who, () => time.schedule(work)),
  })
  member('alice').way.change({ send: 'slow', slowMs: 1_000 })
  if (member('alice').send(bytes) === undefined) truth.violate('alice cannot send it')
  await time.advance(lastMs + 1_000)
  const isOver = (): boolean =>
    truth.missing().next().done === true &&
    members.every(({ isGone, health }) => isGone || health === 'synced 0')
  await time.run({ until: isOver, maxMs: PATIENCE_MS })
  for (const each of truth.missing()) truth.violate(each)
  const closed = Promise.all(members.map((each) => each.close()))
  await time.run({ until: () => members.every(({ hasProcess }) => !hasProcess), maxMs: 2 * MINUTE_MS })
  await Promise.race([closed, Promise.resolve()])
  const { sent: frames } = network.stats
  network.close()
  return { violations: truth.violations, receivedS, deliveredS, frames }
}
