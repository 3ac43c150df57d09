import * as core from '@reliable-channels/sds/core'
import { baselineFolder } from '../baseline-folder.ts'
import { type Bench, type BenchValues, BenchUsageError, type Row, judge } from '../document.ts'
import { measure } from '../measure.ts'
import {
  cases,
  FILTER_ROW,
  GROWTH_ROW,
  MEMORY_ROW,
  messageRow,
  reversedRow,
  UNACKNOWLEDGED_ROW,
} from './cases.ts'
import {
  AT_A_TIME,
  againstUnacknowledgedUs,
  filterUs,
  messageUs,
  namingMany,
  reversedUs,
  roundsOfPair,
  storedBytes,
} from './costs.ts'
import { inTurn } from './in-turn.ts'
import { Ours, wrap } from './ours.ts'
import * as theirs from './theirs.ts'
import { content, contents, cpuUs, leastUs, memoryInUse, midmean, NOW } from './workload.ts'

const ours = new Ours(core)

/**
 * `@waku/sds` 0.0.8 from npm and ours: 100 B of content, filter of 10,000 at 0.001, one run. With a baseline, another
 * checkout in its place.
 */
export const bench: Bench = {
  about: 'SDS participants: @waku/sds beside ours, at the same settings (main-thread CPU time)',
  usage:
    '[--baseline DIR, a checkout of another commit with its dependencies installed, measured in turn in place of @waku/sds] [--pairs N, 5 by default] [--case NAME]…',
  options: {
    baseline: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    case: { type: 'string', multiple: true },
  },
  run(values) {
    const baseline = baselineFolder(values, 'sds')
    return baseline === undefined ? besideTheirs() : inTurn(baseline, pairsOf(values), idsOf(values))
  },
}

async function* besideTheirs(): AsyncGenerator<Row> {
  yield* messages()
  yield* reversed()
  yield* unacknowledged()
  yield* memory()
  yield* filter()
}

function pairsOf({ pairs }: BenchValues): number {
  const count = Number(pairs)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new BenchUsageError(`--pairs takes a positive integer, got "${String(pairs)}"`)
  return count
}

function idsOf(values: BenchValues): readonly string[] {
  const known = cases.map(({ id }) => id)
  const ids = (values['case'] as string[] | undefined) ?? known
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) throw new BenchUsageError(`no case "${unknown}"; there are: ${known.join(', ')}`)
  return ids
}

/**
 * Participants of both kinds that live as long as the measurements. With the last objects of a kind, a collection of
 * garbage also takes the code that was compiled for them.
 */
const alive: unknown[] = []

/** Time that either side is given to be compiled, as wall-clock ms: as it runs in an application that has long started. */
const WARM_UP_MS = 1_000

async function warmUp<T>(
  participants: (ids: readonly string[], history: number) => T,
  use: (pair: T) => Promise<unknown>,
): Promise<void> {
  const end = performance.now() + WARM_UP_MS
  const first = participants(['alice', 'bob'], 100)
  alive.push(first)
  for (let pair = first; performance.now() < end; pair = participants(['alice', 'bob'], 100)) await use(pair)
}

async function theirsPerMessage(
  [alice, bob]: ReturnType<typeof theirs.participants>,
  count: number,
): Promise<number> {
  const all = contents(count)
  const us = await cpuUs(async () => {
    for (const one of all) await theirs.receive(bob!, await theirs.wrap(alice!, one))
  })
  return us / count
}

/** Decoding, the hash of the id and the insertion into the filter: what nobody who does the same can do without. */
function boundUs(): number {
  const { RollingFilter, decodeMessage, encodeMessage, messageIdOf } = core
  const [alice] = ours.participants(['alice'], 100)
  const { message } = decodeMessage(wrap(alice!, content(0)))
  const wire = encodeMessage(message!, 'lip')
  const filter = new RollingFilter('lip', 10_000, 0.001)
  const sender = new Uint8Array(5)
  let folded = 0
  const ns = measure((times) => {
    for (let i = 0; i < times; i++) {
      folded += decodeMessage(wire).message!.causalHistory.length
      filter.insert(messageIdOf(sender, { ms: NOW, nanos: i % 1_000_000 }, content(i)))
    }
  })
  if (folded === 0) throw new Error('nothing was decoded')
  return ns / 1_000
}

/** One length of history. */
interface Length {
  readonly history: number
  /** Messages that theirs is measured with, and in which rounds: it takes long. */
  readonly theirs: { readonly count: number; readonly every: number }
  readonly atLeast: number
}

const LENGTHS: readonly Length[] = [
  { history: 0, theirs: { count: 200, every: 2 }, atLeast: 20 },
  { history: 1_000, theirs: { count: 100, every: 2 }, atLeast: 70 },
  { history: 10_000, theirs: { count: 20, every: 5 }, atLeast: 500 },
  { history: 100_000, theirs: { count: 4, every: 10 }, atLeast: 5_000 },
]

const ROUNDS = 30

async function* messages(): AsyncIterable<Row> {
  const bound = boundUs()
  await warmUp(
    (ids, history) => ours.participants(ids, history),
    (pair) => messageUs(pair, AT_A_TIME),
  )
  await warmUp(theirs.participants, (pair) => theirsPerMessage(pair, 200))
  const costs = await costsByHistory()
  for (const { history, atLeast } of LENGTHS) {
    const cost = costs.get(history)!
    yield judge({
      case: messageRow(history),
      unit: 'µs',
      ours: midmean(cost.ours),
      theirs: midmean(cost.theirs),
      atLeast,
      bound: midmean(cost.theirs) / bound,
    })
  }
  yield judge({
    case: GROWTH_ROW,
    unit: 'times',
    ours: midmean(costs.get(100_000)!.ours) / midmean(costs.get(1_000)!.ours),
    atMost: 1.2,
    bound: 1,
  })
}

/**
 * The cost of a message, by length of the history. Lengths and both sides take turns, and each is the first as often as
 * any: so a machine that is busy for a while, or a heap that is full, is no one's in particular.
 */
async function costsByHistory(): Promise<ReadonlyMap<number, { ours: number[]; theirs: number[] }>> {
  const costs = new Map(
    LENGTHS.map(({ history }) => [history, { ours: [] as number[], theirs: [] as number[] }]),
  )
  const pairs = new Map<number, ReturnType<Ours['participants']>>()
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % LENGTHS.length
    for (const { history, theirs: other } of [...LENGTHS.slice(first), ...LENGTHS.slice(0, first)]) {
      const cost = costs.get(history)!
      if (round % roundsOfPair(history) === 0)
        pairs.set(history, ours.participants(['alice', 'bob'], history))
      cost.ours.push(await messageUs(pairs.get(history)!, AT_A_TIME))
      if (round % other.every === 0)
        cost.theirs.push(await theirsPerMessage(theirs.participants(['alice', 'bob'], history), other.count))
    }
  }
  return costs
}

/** Messages delivered before one that they depend on. */
function violations(
  order: readonly string[],
  all: readonly core.SdsMessage[],
  known: ReadonlySet<string>,
): number {
  const place = new Map(order.map((id, index) => [id, index]))
  return all.filter(({ messageId, causalHistory }) => {
    const at = place.get(messageId)
    return (
      at !== undefined &&
      causalHistory.some(
        (before) => !known.has(before.messageId) && (place.get(before.messageId) ?? Infinity) > at,
      )
    )
  }).length
}

async function* reversed(): AsyncIterable<Row> {
  const none = new Set<string>()
  for (const [history, atLeast, bound] of [
    [0, 20, 36],
    [10_000, 200, 410],
  ] as const) {
    const wires: Uint8Array[] = []
    const sender = theirs.participant('alice', 200)
    for (const one of contents(1_000)) wires.push(await theirs.wrap(sender, one))
    const [bob] = theirs.participants(['bob'], history, 200)
    const theirOrder: string[] = []
    bob!.addEventListener('sds:in:message-delivered' as never, (event: CustomEvent<string>) => {
      theirOrder.push(event.detail)
    })
    const slow = await cpuUs(async () => {
      for (const wire of wires.toReversed()) await theirs.receive(bob!, wire)
      bob!.sweepIncomingBuffer()
    })

    const ourWires = namingMany(ours)
    let order: readonly string[] = []
    const fast = await leastUs(5, async () => {
      const run = await reversedUs(ours, ourWires, history)
      order = run.order
      return run.us
    })
    yield judge({
      case: reversedRow(history),
      unit: 'ms',
      ours: fast / 1_000,
      theirs: slow / 1_000,
      atLeast,
      bound,
    })
    const decoded = (all: readonly Uint8Array[]): core.SdsMessage[] =>
      all.map((wire) => core.decodeMessage(wire).message!)
    yield judge({
      case: `delivered before a dependency, history ${history.toLocaleString('en')}`,
      unit: 'messages',
      ours: violations(order, decoded(ourWires), none),
      theirs: violations(theirOrder, decoded(wires), none),
      atMost: 0,
      bound: 0,
    })
  }
}

/** A message that acknowledges 200 of theirs, which were made before: µs. */
async function theirsAgainstUnacknowledged(messages: readonly { messageId: string }[]): Promise<number> {
  const alice = theirs.participant('alice', 2)
  const bob = theirs.participant('bob', 200)
  const buffer = (alice as unknown as { outgoingBuffer: unknown[] }).outgoingBuffer
  buffer.push(...messages)
  inside(bob).push(...(messages.slice(0, 200) as never[]))
  for (const { messageId } of messages.slice(0, 200)) theirs.inside(bob).filter.insert(messageId)
  const wire = await theirs.wrap(bob, content(1))
  const us = await cpuUs(() => theirs.receive(alice, wire))
  if ((alice as unknown as { outgoingBuffer: unknown[] }).outgoingBuffer.length !== messages.length - 200) {
    throw new Error('theirs acknowledged something else')
  }
  return us
}

async function* unacknowledged(): AsyncIterable<Row> {
  const COUNT = 10_000
  const [source] = theirs.participants(['other'], COUNT)
  const { items } = inside(source!) as unknown as { items: { messageId: string }[] }
  const slow = await leastUs(3, () => theirsAgainstUnacknowledged(items))

  for (let i = 0; i < 20; i++) againstUnacknowledgedUs(ours, 2_000)
  const fast = await leastUs(15, () => Promise.resolve(againstUnacknowledgedUs(ours, COUNT)))
  yield judge({
    case: UNACKNOWLEDGED_ROW,
    unit: 'µs',
    ours: fast,
    theirs: slow,
    atLeast: 1_000,
    bound: 9_000,
  })
}

const inside = (channel: ReturnType<typeof theirs.participant>): { push(...items: never[]): number } =>
  theirs.inside(channel).localHistory

async function* memory(): AsyncIterable<Row> {
  const FEW = 300
  const theirAlice = theirs.participant('alice')
  const theirBob = theirs.participant('bob')
  const theirBefore = await memoryInUse()
  for (let i = 0; i < FEW; i++) await theirs.receive(theirBob, await theirs.wrap(theirAlice, content(i)))
  // The sender keeps the same messages as objects of its own.
  const slow = ((await memoryInUse()) - theirBefore) / (2 * FEW)

  yield judge({
    case: MEMORY_ROW,
    unit: 'bytes',
    ours: await storedBytes(ours),
    theirs: slow,
    atMost: 100 + 600,
    bound: 100 + 200,
  })
}

function* filter(): Iterable<Row> {
  const ids = Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(64, 'a'))
  const other = theirs.inside(theirs.participant('alice')).filter
  let found = 0
  const slow = measure(
    (times) => {
      for (let i = 0; i < times; i++) {
        other.insert(ids[i % 1_000]!)
        if (other.lookup(ids[(i + 7) % 1_000]!)) found++
      }
    },
    { rounds: 3 },
  )
  if (found === 0) throw new Error('nothing was found')
  yield judge({
    case: FILTER_ROW,
    unit: 'µs',
    ours: filterUs(ours),
    theirs: slow / 1_000,
    atLeast: 60,
    bound: 127,
  })
}
