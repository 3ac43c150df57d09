import { Subject, VirtualTimeScheduler, delay, filter, map, merge } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createParticipant } from './participant.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('createParticipant', () => {
  it('delivers what another participant wraps, with the fields of its frame', () => {
    const scheduler = new VirtualTimeScheduler()
    const network$ = new Subject<{ payload: Uint8Array; tag: string }>()
    const say$ = new Subject<{ payload: Uint8Array; ephemeral?: boolean }>()
    const alice = createParticipant({ participantId: 'alice', channelId: 'log', scheduler })
    const bob = createParticipant({ participantId: 'bob', channelId: 'log', scheduler })
    const got: string[] = []
    network$
      .pipe(bob.unwrap())
      .subscribe(({ payload, senderId, tag, late, own }) =>
        got.push(`${senderId} ${tag} ${decode(payload)} ${late} ${own}`),
      )
    say$
      .pipe(
        alice.wrap(),
        map(({ payload, kind }) => ({ payload, tag: kind })),
      )
      .subscribe(network$)
    say$.next({ payload: encode('hello') })
    expect(got).toEqual(['alice content hello false false'])
  })

  it('sends again what was lost, until it is acknowledged', () => {
    const scheduler = new VirtualTimeScheduler(undefined, 60_000)
    const network$ = new Subject<{ payload: Uint8Array; from: string }>()
    const say$ = new Subject<{ payload: Uint8Array }>()
    const random = (): number => 0.5
    const alice = createParticipant({ participantId: 'alice', channelId: 'log', scheduler, random })
    const bob = createParticipant({ participantId: 'bob', channelId: 'log', scheduler, random })
    const got: string[] = []
    const acknowledged: string[] = []
    let losing = true
    const from = (name: string) =>
      network$.pipe(
        filter((frame) => frame.from !== name && !losing),
        delay(10, scheduler),
      )
    from('bob')
      .pipe(bob.unwrap())
      .subscribe(({ payload }) => got.push(decode(payload)))
    from('alice').pipe(alice.unwrap()).subscribe()
    merge(say$.pipe(alice.wrap()), alice.traffic$).subscribe(({ payload }) =>
      network$.next({ payload, from: 'alice' }),
    )
    bob.traffic$.subscribe(({ payload }) => network$.next({ payload, from: 'bob' }))
    alice.events$.subscribe((event) => {
      if (event.type === 'acknowledged') acknowledged.push(`${event.by} ${event.via}`)
    })
    say$.next({ payload: encode('one') })
    losing = false
    scheduler.flush()
    expect(got).toEqual(['one'])
    expect(acknowledged).toEqual(['bob causal-history'])
  })
})
