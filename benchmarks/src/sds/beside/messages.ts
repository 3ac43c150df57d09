import * as core from '@reliable-channels/sds/core'
import { type Row, judge } from '../../document.ts'
import { measure } from '../../measure.ts'
import { GROWTH_ROW, messageRow } from '../cases.ts'
import { AT_A_TIME, messageUs, roundsOfPair } from '../costs.ts'
import * as theirs from '../theirs.ts'
import { content, contents, cpuUs, midmean, NOW } from '../workload.ts'
import { type Ours, wrap } from '../ours.ts'

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
function boundUs(ours: Ours): number {
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

/**
 * The cost of a message, by length of the history. Lengths and both sides take turns, and each is the first as often as
 * any: so a machine that is busy for a while, or a heap that is full, is no one's in particular.
 */
async function costsByHistory(
  ours: Ours,
): Promise<ReadonlyMap<number, { ours: number[]; theirs: number[] }>> {
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

/** A message from its sender to its receiver, by length of the history. */
export async function* messages(ours: Ours): AsyncIterable<Row> {
  const bound = boundUs(ours)
  await warmUp(
    (ids, history) => ours.participants(ids, history),
    (pair) => messageUs(pair, AT_A_TIME),
  )
  await warmUp(theirs.participants, (pair) => theirsPerMessage(pair, 200))
  const costs = await costsByHistory(ours)
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
