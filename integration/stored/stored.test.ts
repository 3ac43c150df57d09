import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Store, memoryStore } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FILE, OPENED_AT_MS, SAID, UNSENT, WRITTEN_AT_MS, converse, text } from './scenario.ts'
import { type Records, type StoredRecords, recordsOf } from './write-records.ts'

const EPOCH_MS = 600_000

const versions = globSync('records/*.json', { cwd: import.meta.dirname }).map((path) =>
  basename(path, '.json'),
)

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, 'hex'))

const storeOf = (records: Records): Store =>
  memoryStore(new Map(Object.entries(records).map(([key, hex]) => [key, bytesOf(hex)])))

describe.each(versions)('records that version %s wrote', (version) => {
  const records = JSON.parse(readFileSync(recordsOf(version), 'utf8')) as StoredRecords
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stored-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are opened, and both members go on where their processes ended', async () => {
    const { time, open } = converse(OPENED_AT_MS)
    const bob = await open('bob', storeOf(records.bob))
    const alice = await open('alice', storeOf(records.alice))
    const told = [...alice.events, ...bob.events]
    await time.run({ maxMs: 1_000 })
    // Received and not handled, it comes again, and what was handled does not.
    expect(bob.received.map(({ payload, redelivered }) => [text(payload), redelivered])).toEqual([
      [SAID[1], true],
    ])
    // The quota of this epoch is used up.
    const epochEndsInMs = EPOCH_MS - (OPENED_AT_MS % EPOCH_MS)
    await time.run({ maxMs: epochEndsInMs - 2_000 })
    expect(bob.received).toHaveLength(1)
    expect(alice.channel.requests.length).toBeGreaterThanOrEqual(2)
    // What Bob had of the file counts: the rest comes, and what was never sent, in the order in which it was said.
    await time.run({ until: () => bob.received.length === 3, maxMs: 4 * EPOCH_MS })
    const [, file, unsent] = bob.received
    expect(file?.payload).toEqual(FILE)
    expect(text(unsent!.payload)).toBe(UNSENT)
    await time.run({ until: () => alice.channel.requests.length === 0, maxMs: 4 * EPOCH_MS })
    expect(alice.channel.requests).toEqual([])
    const wrong = [...told, ...alice.events, ...bob.events].filter(
      (event) =>
        event.type === 'reliable:message:send-error' ||
        event.type === 'reliable:message:delivery-error' ||
        event.type === 'reliable:message:lost' ||
        (event.type === 'diagnostic' && event.code.startsWith('store-')),
    )
    expect(wrong).toEqual([])
    await Promise.all([alice.channel.close(), bob.channel.close(), time.run({ maxMs: 60_000 })])
  })

  it('are read from LevelDB with the checks that it put around them', async () => {
    const raw = new ClassicLevel<string, Uint8Array>(folder, { keyEncoding: 'utf8', valueEncoding: 'view' })
    for (const [key, hex] of Object.entries(records.aliceOnDisk)) await raw.put(key, bytesOf(hex))
    await raw.close()
    const store = levelStore(new ClassicLevel(folder))
    const found: Record<string, string> = {}
    const corrupt: unknown[] = []
    for await (const { key, value } of store.entries('', (entry) => corrupt.push(entry)))
      found[key] = Buffer.from(value).toString('hex')
    await store.close()
    expect(found).toEqual(records.alice)
    expect(corrupt).toEqual([])
  })
})

it('there are records of the version that is being made', () => {
  expect(versions).toContain('0.1')
  expect(WRITTEN_AT_MS % EPOCH_MS).toBeLessThan(OPENED_AT_MS % EPOCH_MS)
})
