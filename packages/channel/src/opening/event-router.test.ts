import type { TransportEvent } from '@reliable-channels/transport'
import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type EventMember, createEventRouter } from './event-router.ts'

const sent = (requestId: string): TransportEvent => ({ type: 'message-sent', requestId, hash: 'aa' })

function setUp() {
  const events$ = new Subject<TransportEvent>()
  const router = createEventRouter({ events$ })
  const join = (): { member: EventMember<number>; seen: string[] } => {
    const seen: string[] = []
    const member = router.join<number>({
      next: ({ requestId }, attempt) =>
        seen.push(attempt === undefined ? requestId : `${requestId}:${attempt}`),
      error: (error: unknown) => seen.push(String(error)),
    })
    return { member, seen }
  }
  return { events$, join }
}

describe('the events of a transport', () => {
  it('go to whoever follows their request, for each attempt, also where an id was given twice', () => {
    const { events$, join } = setUp()
    const [alice, bob] = [join(), join()]
    alice.member.follow('m0', 1)
    alice.member.follow('m1', 2)
    bob.member.follow('m1', 3)
    bob.member.follow('m1', 4)
    for (const id of ['m0', 'm1', 'm2']) events$.next(sent(id))
    bob.member.forget('m1', 3)
    events$.next(sent('m1'))
    expect([alice.seen, bob.seen]).toEqual([
      ['m0:1', 'm1:2', 'm1:2'],
      ['m1:3', 'm1:4', 'm1:4'],
    ])
  })

  it('go to all that have a call of `send` under way when nobody knows the id yet', () => {
    const { events$, join } = setUp()
    const [alice, bob] = [join(), join()]
    alice.member.expect(true)
    alice.member.expect(true)
    events$.next(sent('m0'))
    alice.member.expect(false)
    events$.next(sent('m1'))
    bob.member.expect(true)
    bob.member.leave()
    events$.next(sent('m2'))
    expect([alice.seen, bob.seen]).toEqual([['m0'], []])
  })

  it('are listened to once, and only while anybody sends', () => {
    const { events$, join } = setUp()
    const [alice, bob] = [join(), join()]
    alice.member.follow('m0', 1)
    alice.member.forget('m0', 1)
    alice.member.leave()
    events$.next(sent('m0'))
    expect([alice.seen, events$.observed]).toEqual([[], true])
    bob.member.leave()
    expect(events$.observed).toBe(false)
    const carol = join()
    carol.member.follow('m0', 1)
    events$.next(sent('m0'))
    expect(carol.seen).toEqual(['m0:1'])
  })

  it('end for all when the transport has died', () => {
    const { events$, join } = setUp()
    const [alice, bob] = [join(), join()]
    events$.error(new Error('dead'))
    expect([alice.seen, bob.seen]).toEqual([['Error: dead'], ['Error: dead']])
  })
})
