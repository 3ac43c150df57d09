import { describe, expect, it } from 'vitest'
import { StoreOptionError, exclusive, memoryStore } from './index.ts'
import { levelStore } from './level.ts'

/** As whoever writes JavaScript might call them. */
const level = levelStore as (database?: unknown, options?: unknown) => unknown
const memory = memoryStore as (medium: unknown) => unknown
const hold = exclusive as (name?: unknown, options?: unknown) => Promise<unknown>

const database = Object.fromEntries(
  ['open', 'close', 'get', 'batch', 'iterator'].map((name) => [name, (): never => undefined as never]),
)

it('refuses to write what is no list of changes', async () => {
  const change = { key: 'a', value: Uint8Array.of(1) }
  await expect(memoryStore().write(change as never)).rejects.toThrow(
    '"changes" expected an array of { key, value }, got object',
  )
})

describe('what makes no store', () => {
  it.each<[string, () => unknown]>([
    ['"database" expected a database such as new ClassicLevel(path), got "./path"', () => level('./path')],
    ['"database" expected a database such as new ClassicLevel(path), got undefined', () => level()],
    ['"database.open" expected a function, got undefined', () => level(new Map())],
    ['"options" expected an object, got null', () => level(database, null)],
    ['"sync" expected true or false, got "yes"', () => level(database, { sync: 'yes' })],
    ['"prefix" expected well-formed text, got 7', () => level(database, { prefix: 7 })],
    ['"onCorrupt" expected a function, or nothing, got "log"', () => level(database, { onCorrupt: 'log' })],
    ['"medium" expected a Map, got "./path"', () => memory('./path')],
  ])('is refused: %s', (message, make) => {
    expect(make).toThrow(new StoreOptionError(message))
  })

  it.each<[string, () => Promise<unknown>]>([
    ['"name" expected a non-empty string, got undefined', () => hold()],
    ['"options" expected an object, got null', () => hold('x', null)],
    ['"wait" expected true or false, got 1', () => hold('x', { wait: 1, locks: {} })],
  ])('is not held: %s', async (message, take) => {
    await expect(take()).rejects.toThrow(new StoreOptionError(message))
  })
})
