import { Subject } from 'rxjs'
import { expect, it } from 'vitest'
import { listenByKey } from './by-key.ts'

interface Event {
  readonly topic?: string
}

function setUp() {
  const events$ = new Subject<Event>()
  const seen: string[] = []
  const listen = (name: string, key: string): (() => void) =>
    listenByKey(
      events$,
      ({ topic }) => topic,
      key,
      ({ topic = 'none' }) => seen.push(`${name}: ${topic}`),
    )
  return { events$, seen, listen }
}

it('events go to those who listen to their key, however many they are', () => {
  const { events$, seen, listen } = setUp()
  listen('alice', 'a')
  listen('bob', 'a')
  listen('alice', 'b')
  for (const topic of ['a', 'b', 'c']) events$.next({ topic })
  expect(seen).toEqual(['alice: a', 'bob: a', 'alice: b'])
})

it('an event without a key goes to all, also when one of them leaves for it', () => {
  const { events$, seen, listen } = setUp()
  const leave = listen('alice', 'a')
  listen('bob', 'b')
  events$.subscribe(leave)
  events$.next({})
  events$.next({})
  expect(seen).toEqual(['alice: none', 'bob: none', 'bob: none'])
})

it('a source is subscribed to once, and only while anybody listens', () => {
  const { events$, seen, listen } = setUp()
  const leaves = ['a', 'a', 'b'].map((key) => listen('alice', key))
  for (const leave of leaves) {
    expect(events$.observed).toBe(true)
    leave()
    leave()
  }
  expect(events$.observed).toBe(false)
  listen('bob', 'a')
  events$.next({ topic: 'a' })
  expect(seen).toEqual(['bob: a'])
})
