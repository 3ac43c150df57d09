/** A process that opens a store and does as its first argument says; it tells what it did line by line. */
import { once } from 'node:events'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'

const [job, directory, sync] = process.argv.slice(2) as [keyof typeof jobs, string, string?]
const store = levelStore(new ClassicLevel(directory), { sync: sync === 'sync' })
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const told = (): Promise<unknown> => once(process.stdin, 'data')

const jobs = {
  /** Holds the store until its input ends. */
  async hold() {
    await store.write([{ key: 'held', value: Uint8Array.of(1) }])
    say('holding')
    for await (const _ of process.stdin);
    await store.close()
  },
  /** Writes pairs of entries until it is killed. */
  async write() {
    for (let i = 0; ; i++) {
      const value = new Uint8Array(200 + ((i * 37) % 5000)).fill(i)
      await store.write([
        { key: `a/${i}`, value },
        { key: `b/${i}`, value },
      ])
      say(String(i))
    }
  },
  /** Writes 60 entries of 10 kB, each until it succeeds; tries again when told so. */
  async insist() {
    for (let i = 0; i < 60; i++) {
      for (;;) {
        try {
          await store.write([
            { key: `k/${String(i).padStart(2, '0')}`, value: new Uint8Array(10_000).fill(i) },
          ])
          break
        } catch (error) {
          say(`failed ${i} ${String(error)}`)
          await told()
        }
      }
      say(`stored ${i}`)
    }
    await store.close()
  },
}

await jobs[job]()
process.stdin.destroy()
