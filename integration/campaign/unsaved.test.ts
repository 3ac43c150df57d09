import { memoryStore } from '@reliable-channels/store'
import { expect, it } from 'vitest'
import { Unsaved } from './unsaved.ts'

const CHANGES = [{ key: 'a', value: Uint8Array.of(1) }]
const about = { type: 'diagnostic', channelId: 'a' } as const
const FAILED = {
  ...about,
  code: 'store-failed',
  detail: { error: new Error('the disk is full'), attempt: 1, retryMs: 100 },
} as const
const RECOVERED = { ...about, code: 'store-recovered', detail: { failures: 1 } } as const

/** A store whose writes are done when the test says so. */
function slowStore() {
  const waiting: (() => void)[] = []
  const unsaved = new Unsaved()
  const store = unsaved.watch({
    ...memoryStore(),
    write: () => new Promise((resolve) => void waiting.push(resolve)),
  })
  return {
    unsaved,
    begin: () => store.write(CHANGES),
    ask: () => store.write([]),
    done: () => waiting.shift()!(),
  }
}

it('what comes while the store is well is there', () => {
  const { unsaved } = slowStore()
  unsaved.add('bob:1')
  expect(unsaved.isDirty).toBe(false)
  expect([...unsaved.ids]).toEqual([])
})

it('what comes while it fails is there with the first write that begins later', async () => {
  const { unsaved, begin, done } = slowStore()
  unsaved.hear(FAILED)
  unsaved.add('bob:1')
  const write = begin()
  unsaved.add('bob:2')
  done()
  await write
  unsaved.hear(RECOVERED)
  expect([...unsaved.ids]).toEqual(['bob:2'])
  // Perhaps it was among what was written.
  expect([unsaved.isDirty, unsaved.isInDoubt]).toEqual([true, true])
  const next = begin()
  done()
  await next
  expect([...unsaved.ids]).toEqual([])
  expect([unsaved.isDirty, unsaved.isInDoubt]).toEqual([false, false])
})

it('to ask a store whether it answers saves nothing', async () => {
  const { unsaved, ask, done } = slowStore()
  unsaved.hear(FAILED)
  unsaved.add('bob:1')
  const asked = ask()
  done()
  await asked
  expect([...unsaved.ids]).toEqual(['bob:1'])
})
