import {
  AT_A_TIME,
  LENGTHS,
  againstUnacknowledgedUs,
  filterUs,
  messageUs,
  namingMany,
  reversedUs,
  roundsOfPair,
  storedBytes,
} from './costs.ts'
import type { Ours } from './ours.ts'
import { leastUs, midmean } from './workload.ts'

/** What is measured in one process: the value of each row. */
interface Case {
  readonly id: string
  readonly unit: string
  run(ours: Ours): Promise<Readonly<Record<string, number>>>
}

/** Time that is given to be compiled, as wall-clock ms. */
const WARM_UP_MS = 1_500
const ROUNDS = 40

/** The rows of the benchmark, of our side alone. */
export const cases: readonly Case[] = [
  { id: 'message', unit: 'µs', run: messages },
  {
    id: 'reversed',
    unit: 'ms',
    async run(ours) {
      const wires = namingMany(ours)
      const ms = async (history: number): Promise<number> =>
        (await leastUs(9, async () => (await reversedUs(ours, wires, history)).us)) / 1_000
      return {
        [reversedRow(0)]: await ms(0),
        [reversedRow(10_000)]: await ms(10_000),
      }
    },
  },
  {
    id: 'unacknowledged',
    unit: 'µs',
    async run(ours) {
      for (let i = 0; i < 20; i++) againstUnacknowledgedUs(ours, 2_000)
      return {
        [UNACKNOWLEDGED_ROW]: await leastUs(25, () => Promise.resolve(againstUnacknowledgedUs(ours, 10_000))),
      }
    },
  },
  {
    id: 'memory',
    unit: 'bytes',
    run: async (ours) => ({ [MEMORY_ROW]: await storedBytes(ours) }),
  },
  {
    id: 'filter',
    unit: 'µs',
    run: (ours) => Promise.resolve({ [FILTER_ROW]: filterUs(ours) }),
  },
]

export const messageRow = (history: number): string =>
  `send + encode + decode + receive, history ${history.toLocaleString('en')}`
export const GROWTH_ROW = 'growth, history 100,000 against 1,000'
export const reversedRow = (history: number): string =>
  `1,000 messages in reverse order, causal history 200, history ${history.toLocaleString('en')}`
export const UNACKNOWLEDGED_ROW = 'one message against 10,000 unacknowledged, causal history 200'
export const MEMORY_ROW = 'memory for each stored message'
export const FILTER_ROW = 'filter insert and lookup'

async function messages(ours: Ours): Promise<Readonly<Record<string, number>>> {
  const end = performance.now() + WARM_UP_MS
  // With the last objects of a kind, a collection of garbage also takes the code that was compiled for them.
  const alive = ours.participants(['alice', 'bob'], 100)
  for (let pair = alive; performance.now() < end; pair = ours.participants(['alice', 'bob'], 100))
    await messageUs(pair, AT_A_TIME)
  const costs = new Map(LENGTHS.map((history) => [history, [] as number[]]))
  const pairs = new Map<number, ReturnType<Ours['participants']>>()
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % LENGTHS.length
    for (const history of [...LENGTHS.slice(first), ...LENGTHS.slice(0, first)]) {
      if (round % roundsOfPair(history) === 0)
        pairs.set(history, ours.participants(['alice', 'bob'], history))
      costs.get(history)!.push(await messageUs(pairs.get(history)!, AT_A_TIME))
    }
  }
  if (alive.length !== 2) throw new Error('the first pair is gone')
  const us = (history: (typeof LENGTHS)[number]): number => midmean(costs.get(history)!)
  return {
    ...Object.fromEntries(LENGTHS.map((history) => [messageRow(history), us(history)])),
    [GROWTH_ROW]: us(100_000) / us(1_000),
  }
}
