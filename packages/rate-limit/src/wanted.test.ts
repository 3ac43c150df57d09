import type { Frame } from '@reliable-channels/stage'
import { Subject, VirtualTimeScheduler } from 'rxjs'
import { expect, it } from 'vitest'
import { type RateLimitFields, type RateLimiterEvent, createRateLimiter } from './index.ts'

interface Named extends Frame, RateLimitFields {
  readonly name: string
}

const EPOCH_MS = 1000

/** One channel of a limiter in virtual time; what left is noted as `time name`. */
function setUp(options: { messagesPerEpoch: number }) {
  const scheduler = new VirtualTimeScheduler()
  const limiter = createRateLimiter({ enabled: true, epochMs: EPOCH_MS, scheduler, ...options })
  const source = new Subject<Named>()
  const left: string[] = []
  const events: RateLimiterEvent[] = []
  limiter.events$.subscribe((event) => events.push(event))
  source.pipe(limiter.lane('a')).subscribe({
    next: ({ name }) => left.push(`${scheduler.now()} ${name}`),
    complete: () => left.push(`${scheduler.now()} |`),
  })
  const unwanted = new Set<string>()
  const asked: string[] = []
  const send = (name: string, fields: RateLimitFields = {}): void =>
    source.next({
      payload: Uint8Array.of(1),
      name,
      wanted: (now) => {
        asked.push(`${now} ${name}`)
        return !unwanted.has(name)
      },
      ...fields,
    })
  const advanceTo = (time: number): void => {
    scheduler.maxFrames = time
    scheduler.flush()
    scheduler.frame = time
  }
  const withdrawn = (): string[] =>
    events.flatMap((event) => (event.type === 'withdrawn' ? [(event.frame as Named).name] : []))
  return { limiter, source, send, left, unwanted, asked, withdrawn, advanceTo }
}

it('asks each frame when its turn has come whether it is still wanted; what is not spends nothing', () => {
  const { source, send, left, unwanted, asked, withdrawn, advanceTo } = setUp({
    messagesPerEpoch: 1,
  })
  for (const name of ['1', '2', '3', '4', '5']) send(name)
  source.complete()
  expect(asked).toEqual(['0 1'])
  for (const name of ['2', '3', '5']) unwanted.add(name)
  advanceTo(999)
  expect(asked).toEqual(['0 1'])
  advanceTo(5000)
  expect(left).toEqual(['0 1', '1000 4', '2000 |'])
  expect(asked).toEqual(['0 1', '1000 2', '1000 3', '1000 4', '2000 5'])
  expect(withdrawn()).toEqual(['2', '3', '5'])
})

it('gives the turn and the room of what nobody wants to others', () => {
  const { limiter, send, left, unwanted, withdrawn, advanceTo } = setUp({ messagesPerEpoch: 1 })
  send('first')
  send('sync', { priority: 'critical' })
  send('content', { wanted: undefined })
  unwanted.add('sync')
  advanceTo(1000)
  expect(left).toEqual(['0 first', '1000 content'])
  expect(withdrawn()).toEqual(['sync'])
  expect(limiter.remove('a')).toBe(0)
  const reservation = limiter.reserve('a', 16_384, 0)
  expect(reservation.granted).toBe(true)
})

it('asks the frame that has taken the place of another', () => {
  const { send, left, unwanted, withdrawn, advanceTo } = setUp({ messagesPerEpoch: 1 })
  send('first')
  send('older', { replaces: 'sync' })
  send('newer', { replaces: 'sync' })
  unwanted.add('older')
  advanceTo(1000)
  expect(left).toEqual(['0 first', '1000 newer'])
  unwanted.add('newest')
  send('newest', { replaces: 'sync' })
  advanceTo(3000)
  expect(withdrawn()).toEqual(['newest'])
})

it('tells the pace that its quota allows', () => {
  expect(createRateLimiter({ enabled: true, epochMs: 600_000, messagesPerEpoch: 4 }).paceMs).toBe(150_000)
  expect(createRateLimiter().paceMs).toBe(0)
})
