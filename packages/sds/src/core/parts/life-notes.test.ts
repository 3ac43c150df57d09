import { expect, it } from 'vitest'
import { DueHeap } from './due-heap.ts'
import { LifeNotes, type NoteLife } from './life-notes.ts'
import { Lifetime } from './lifetime.ts'

const START = 1_000_000

function notes() {
  const timers = new DueHeap<NoteLife>()
  const lifetime = new Lifetime()
  return { timers, lifetime, notes: new LifeNotes(timers, lifetime) }
}

it('come after 5 s, then each after as long as the process has run, and each minute in the end', () => {
  const { timers, lifetime, notes: all } = notes()
  lifetime.restoreLived(86_400_000)
  lifetime.step(START)
  lifetime.begin(START, 0)
  const times: number[] = []
  for (let now = START; now < START + 300_000; now = timers.next!) {
    lifetime.step(now)
    if (timers.takeDue(now) !== undefined) times.push((now - START) / 1_000)
    all.update(true, now)
  }
  expect(times).toEqual([5, 10, 20, 40, 80, 140, 200, 260])
})

it('do not come while nothing waits, nor before the participant has begun, nor after it has ended', () => {
  const { timers, lifetime, notes: all } = notes()
  lifetime.step(START)
  all.update(true, START)
  expect(timers.next).toBeUndefined()
  lifetime.begin(START, 0)
  all.update(true, START)
  expect(all.isPlanned).toBe(true)
  all.update(false, START)
  expect([timers.next, all.isPlanned]).toEqual([undefined, false])
  all.update(true, START)
  lifetime.end()
  all.update(true, START)
  expect(timers.next).toBeUndefined()
})

it('a life goes on where any record says that it was, and nothing that is noted lies ahead of it', () => {
  const lifetime = new Lifetime()
  for (const ms of [5_000, 9_000, 7_000]) lifetime.restoreLived(ms)
  lifetime.step(START)
  lifetime.begin(START, 0)
  lifetime.step(START + 1_000)
  expect([lifetime.lived, lifetime.age]).toEqual([10_000, 1_000])
  expect([lifetime.since(4_000), lifetime.since(20_000), lifetime.since(undefined)]).toEqual([6_000, 0, 0])
})
