import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Store, memoryStore } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import { FILE, SAID, UNSENT, WRITTEN_AT_MS, bytes, converse } from './scenario.ts'

/** Entries by key, in hexadecimal, as they are in the file. */
export type Records = Readonly<Record<string, string>>

/** The records of a version of the library. */
export interface StoredRecords {
  /** What Alice's channel has in a store of hers; and the same as LevelDB has it, with the checks of `levelStore`. */
  readonly alice: Records
  readonly aliceOnDisk: Records
  readonly bob: Records
}

/** The file that holds the records of a version, such as `0.1`. */
export const recordsOf = (version: string): URL => new URL(`records/${version}.json`, import.meta.url)

const hexOf = (value: Uint8Array): string => Buffer.from(value).toString('hex')

async function dump(store: Store): Promise<Records> {
  const found: Record<string, string> = {}
  for await (const { key, value } of store.entries('')) found[key] = hexOf(value)
  return found
}

/** Puts the entries of a store through `levelStore`, and reads what LevelDB has then. */
async function dumpOnDisk(store: Store): Promise<Records> {
  const folder = mkdtempSync(join(tmpdir(), 'records-'))
  try {
    const level = levelStore(new ClassicLevel(folder))
    for await (const { key, value } of store.entries('')) await level.write([{ key, value }])
    await level.close()
    const raw = new ClassicLevel<string, Uint8Array>(folder, { keyEncoding: 'utf8', valueEncoding: 'view' })
    const entries = await raw.iterator().all()
    await raw.close()
    return Object.fromEntries(entries.map(([key, value]) => [key, hexOf(value)]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Has the conversation up to where both processes end, and returns what is in their stores. */
async function makeRecords(): Promise<StoredRecords> {
  const { time, open } = converse(WRITTEN_AT_MS)
  const stores = { alice: memoryStore(), bob: memoryStore() }
  const alice = await open('alice', stores.alice)
  const bob = await open('bob', stores.bob)
  for (const said of SAID) alice.channel.send(bytes(said))
  await time.run({ until: () => bob.received.length === SAID.length })
  alice.channel.send(FILE)
  const parts = (): number => bob.events.filter(({ type }) => type === 'reliable:message:progress').length
  await time.run({ until: () => parts() >= 2, maxMs: 60_000 })
  // What has left is confirmed.
  await time.run({ maxMs: 20 })
  bob.peer.disconnect()
  alice.peer.disconnect()
  const unsent = alice.channel.send(bytes(UNSENT))
  const accepted = unsent.accepted()
  await time.run({ maxMs: 1_000 })
  await accepted
  // The processes end here, without a word.
  return {
    alice: await dump(stores.alice),
    aliceOnDisk: await dumpOnDisk(stores.alice),
    bob: await dump(stores.bob),
  }
}

const [version] = process.argv.slice(2)
if (import.meta.main) {
  if (version === undefined) throw new Error('expected the version that writes them, such as 0.1')
  const records = await makeRecords()
  mkdirSync(new URL('.', recordsOf(version)), { recursive: true })
  writeFileSync(recordsOf(version), `${JSON.stringify(records, null, 2)}\n`)
  console.log(`${Object.keys(records.alice).length} and ${Object.keys(records.bob).length} entries`)
  // Their channels are still open.
  process.exit()
}
