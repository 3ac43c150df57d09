import { memoryStore } from '@reliable-channels/store'
import { expect, it } from 'vitest'
import { virtualTime } from '../virtual-time.ts'
import { type StoreMood, faultyStore, storeFaults } from './faulty-store.ts'

const VALUE = Uint8Array.of(1)
const write = [{ key: 'a', value: VALUE }]

function world() {
  const time = virtualTime({ startMs: 0 })
  const faults = storeFaults()
  const store = faultyStore(memoryStore(), { faults, scheduler: time })
  /** How it went so far, by name. */
  const ended: string[] = []
  const watch = (name: string, work: Promise<unknown>): void =>
    void work.then(
      () => ended.push(`${name} at ${time.now()}`),
      (error: Error) => ended.push(`${name}: ${error.message}`),
    )
  return { time, faults, store, ended, watch }
}

it('lets everything pass while it is well', async () => {
  const { store } = world()
  await store.write(write)
  expect(await store.get('a')).toEqual(VALUE)
  const keys: string[] = []
  for await (const { key } of store.entries('')) keys.push(key)
  expect(keys).toEqual(['a'])
})

it('takes its time for one operation after the other while it is slow', async () => {
  const { time, faults, store, ended, watch } = world()
  faults.change({ kind: 'slow', slowMs: 100 })
  watch('first', store.write(write))
  watch('second', store.get('a'))
  await time.advance(1_000)
  expect(ended).toEqual(['first at 100', 'second at 200'])
})

it('rejects only what its mood concerns', async () => {
  const { faults, store } = world()
  faults.change({ kind: 'rejects', what: 'writes' })
  await expect(store.write(write)).rejects.toThrow('the disk is full')
  expect(await store.get('a')).toBeUndefined()
})

it('does at last what hung, or never', async () => {
  for (const late of [true, false]) {
    const { time, faults, store, ended, watch } = world()
    faults.change({ kind: 'hangs', late })
    watch('write', store.write(write))
    await time.advance(1_000)
    expect(ended).toEqual([])
    faults.change({ kind: 'well' })
    await time.advance(1_000)
    expect(ended).toEqual(late ? ['write at 1000'] : [])
    expect(await store.get('a')).toEqual(late ? VALUE : undefined)
  }
})

it('rejects what hangs beyond its limit', async () => {
  const { time, faults, store, ended, watch } = world()
  faults.change({ kind: 'hangs' })
  for (let i = 0; i <= 10_000; i++) watch(String(i), store.get('a'))
  await time.advance(1)
  expect(ended).toEqual(['10000: 10000 calls hang already'])
})

it('refuses moods that mean nothing', () => {
  const { faults } = world()
  const wrong = [
    { kind: 'tired' },
    { kind: 'slow', slowMs: -1 },
    { kind: 'slow', what: 'some' },
    { kind: 'slow', slowMS: 1 },
    { kind: 'slow', forMs: 1 },
  ]
  for (const mood of wrong) expect(() => faults.change(mood as StoreMood)).toThrow()
})
