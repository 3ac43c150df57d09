import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreLockedError } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild } from './start-child.ts'

let root: string

beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'processes-'))))
afterAll(() => rm(root, { recursive: true }))

async function keys(directory: string): Promise<Map<string, Uint8Array>> {
  const store = levelStore(new ClassicLevel(directory))
  const found = new Map<string, Uint8Array>()
  for await (const { key, value } of store.entries('')) found.set(key, value)
  await store.close()
  return found
}

describe('one directory and two processes', () => {
  it('tells the second one what is the matter, and lets it in once the first is gone', async () => {
    const directory = join(root, 'shared')
    const child = startChild(['hold', directory])
    for await (const line of child.lines) if (line === 'holding') break

    const store = levelStore(new ClassicLevel(directory))
    const failure = await store.get('held').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StoreLockedError)
    expect(failure).toMatchObject({
      code: 'ERR_STORE_LOCKED',
      message: `the store ${directory} is open elsewhere, in another process or in this one; close it there (closing a channel leaves its store open), or use a directory of your own`,
    })
    await expect(store.write([{ key: 'x', value: Uint8Array.of(2) }])).rejects.toBeInstanceOf(
      StoreLockedError,
    )
    await expect(store.entries('')[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(StoreLockedError)

    child.process.stdin!.end()
    expect(await child.ended).toBe(0)
    // The same store works now: opening is tried again.
    expect(await store.get('held')).toEqual(Uint8Array.of(1))
    await store.close()
  })
})

describe('a process that is killed', () => {
  it.each(['', 'sync'])('has kept every write that was answered, and no half of one %s', async (sync) => {
    for (let round = 0; round < 5; round++) {
      const directory = join(root, `killed-${sync}-${round}`)
      const child = startChild(['write', directory, sync])
      let answered = -1
      for await (const line of child.lines) {
        answered = Number(line)
        // Kills it in the middle of whatever comes next.
        if (answered === 3 + round * 29) child.process.kill('SIGKILL')
      }
      expect(await child.ended).toBe('SIGKILL')
      const found = await keys(directory)
      for (let i = 0; i <= answered; i++) expect(found.has(`a/${i}`), `a/${i} of ${answered}`).toBe(true)
      for (const [key, value] of found) {
        expect(found.get(key.replace(/^./, key.startsWith('a') ? 'b' : 'a'))).toEqual(value)
      }
    }
  })
})

const hasPrlimit = ((): boolean => {
  try {
    execFileSync('prlimit', ['--version'])
    return true
  } catch {
    return false
  }
})()

describe('a disk that is full', () => {
  // A limit on the size of files fails writes in the middle, as a full disk does.
  it.skipIf(!hasPrlimit)('fails writes, which succeed later, and loses none that was answered', async () => {
    const directory = join(root, 'full')
    const child = startChild(['insist', directory], ['prlimit', '--fsize=205000:unlimited'])
    const failures: string[] = []
    const stored: number[] = []
    for await (const line of child.lines) {
      if (line.startsWith('stored')) {
        stored.push(Number(line.split(' ')[1]))
        continue
      }
      failures.push(line)
      // First nothing at all fits any more, so that opening anew does not help either; then everything.
      const bytes = failures.length < 5 ? '50' : 'unlimited'
      execFileSync('prlimit', ['--pid', String(child.process.pid), `--fsize=${bytes}:`])
      child.process.stdin!.write('again\n')
    }
    expect(await child.ended).toBe(0)
    expect(failures).toHaveLength(5)
    expect(failures[0]).toMatch(/^failed \d+ Error: IO error: .*File too large/)
    expect(stored).toEqual(Array.from({ length: 60 }, (_, i) => i))
    const found = await keys(directory)
    expect(found.size).toBe(60)
    for (const [key, value] of found) expect(value).toEqual(new Uint8Array(10_000).fill(Number(key.slice(2))))
  })
})
