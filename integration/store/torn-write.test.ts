import { appendFile, cp, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, Store } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let root: string

beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'torn-'))))
afterAll(() => rm(root, { recursive: true }))

const open = (directory: string): Store => levelStore(new ClassicLevel(directory))

async function dump(store: Store): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for await (const { key, value } of store.entries('')) found.set(key, value.length)
  return found
}

const put = (key: string, length: number): Change => ({ key, value: new Uint8Array(length).fill(7) })

/** LevelDB appends each write to this file before it answers. */
async function logOf(directory: string): Promise<string> {
  const logs = (await readdir(directory)).filter((name) => name.endsWith('.log'))
  expect(logs).toHaveLength(1)
  return join(directory, logs[0]!)
}

/** LevelDB writes its log in blocks of this size; a record that does not fit goes on in the next one. */
const BLOCK = 32_768

const LAST: readonly Change[] = [put('new', 12), put('old/0', 9), { key: 'old/1', value: undefined }]

describe('a store whose last write was torn', () => {
  it.each([
    ['inside a block of the log', 1000],
    ['across two blocks of the log', BLOCK - 150],
  ])(
    'opens with all earlier writes and none of the last, cut at every byte, %s',
    async (where, fillBytes) => {
      const base = join(root, where.replaceAll(' ', '-'))
      const store = open(base)
      await store.write([put('old/0', 10), put('old/1', 10)])
      await store.write([put('old/2', fillBytes)])
      const before = await dump(store)
      const log = await logOf(base)
      const start = (await stat(log)).size
      await store.write(LAST)
      const after = await dump(store)
      await store.close()
      const end = (await stat(log)).size
      expect(Math.floor(start / BLOCK) === Math.floor(end / BLOCK)).toBe(where.startsWith('inside'))

      for (let cut = start; cut <= end; cut++) {
        const copy = `${base}-${cut}`
        await cp(base, copy, { recursive: true })
        await truncate(await logOf(copy), cut)
        const torn = open(copy)
        expect(await dump(torn), `cut at ${cut} of ${start}–${end}`).toEqual(cut === end ? after : before)
        if (cut % 5 === 0) {
          // Entries that are written after the accident are kept as well.
          await torn.write([put('later', 5)])
          await torn.close()
          const again = open(copy)
          expect((await dump(again)).get('later'), `cut at ${cut}`).toBe(5)
          await again.close()
        }
        await torn.close()
        await rm(copy, { recursive: true })
      }
    },
  )

  it('opens with all earlier writes when the torn part is followed by zeros or garbage', async () => {
    const base = join(root, 'garbage')
    const store = open(base)
    await store.write([put('old/0', 10), put('old/1', 10)])
    const before = await dump(store)
    const start = (await stat(await logOf(base))).size
    await store.write(LAST)
    await store.close()
    for (const [name, filler] of [
      ['zeros', new Uint8Array(5000)],
      ['garbage', Uint8Array.from({ length: 5000 }, (_, i) => (i * 167 + (i >> 3)) & 0xff)],
    ] as const) {
      for (let cut = start; cut < start + 40; cut += 5) {
        const copy = `${base}-${name}-${cut}`
        await cp(base, copy, { recursive: true })
        await truncate(await logOf(copy), cut)
        await appendFile(await logOf(copy), filler)
        const torn = open(copy)
        expect(await dump(torn), `${name} from ${cut}`).toEqual(before)
        await torn.close()
      }
    }
  })
})
