import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Store, memoryStore } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import { type Bench, type Row, judge } from '../document.ts'
import { openTimeMs, writeHistory } from './history.ts'
import { messagesPerSecond } from './pipeline.ts'

const ROUNDS = 3
const MESSAGES = 2_000
const HISTORIES = [1_000, 100_000, 1_000_000]

/** Makes a store in a folder of its own. */
type Make = (folder: string) => Store | undefined

const none: Make = () => undefined
const stores: Readonly<Record<string, Make>> = {
  memoryStore: () => memoryStore(),
  'classic-level': (folder) => levelStore(new ClassicLevel(folder)),
  'classic-level, sync': (folder) => levelStore(new ClassicLevel(folder), { sync: true }),
}

async function* run(): AsyncGenerator<Row> {
  const work = await mkdtemp(join(tmpdir(), 'bench-store-'))
  try {
    let made = 0
    const folder = (): string => join(work, String(made++))
    const round = (make: Make): Promise<number> => messagesPerSecond(MESSAGES, () => make(folder()))
    await round(none)
    const without: number[] = []
    const rates = new Map<string, number[]>(Object.keys(stores).map((name) => [name, []]))
    // Turn and turn about, so that all meet the same machine.
    for (let i = 0; i < ROUNDS; i++) {
      without.push(await round(none))
      for (const [name, make] of Object.entries(stores)) rates.get(name)!.push(await round(make))
    }
    for (const [name, ours] of rates) {
      yield judge({
        case: `${name}, against none`,
        unit: 'messages/s',
        better: 'larger',
        ours: Math.max(...ours),
        theirs: Math.max(...without),
        atLeast: 0.5,
      })
    }
    for (const count of HISTORIES) {
      const location = folder()
      await writeHistory(location, count)
      yield judge({
        case: `open after ${count.toLocaleString('en')} messages`,
        unit: 'ms',
        ours: await openTimeMs(location),
      })
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The cost of stores. */
export const bench: Bench = {
  about: 'messages of 1 KB through a channel with a store, against none; time to open one with a history',
  run,
}
