import { Subject, VirtualTimeScheduler, delay, filter, from, map, merge, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { SdsOptionError } from './core/check-settings.ts'
import type { Participant } from './participant.ts'
import { createParticipant } from './create-participant.ts'

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

  it('has the content of what was delivered and of what was sent, each time as a copy', () => {
    const scheduler = new VirtualTimeScheduler()
    const say$ = new Subject<{ payload: Uint8Array }>()
    const alice = createParticipant({ participantId: 'alice', channelId: 'log', scheduler })
    const bob = createParticipant({ participantId: 'bob', channelId: 'log', scheduler })
    const wires: { payload: Uint8Array }[] = []
    const ids: string[] = []
    say$.pipe(alice.wrap()).subscribe((frame) => {
      wires.push({ payload: frame.payload })
      ids.push(frame.messageId)
    })
    for (const text of ['one', 'two', 'three']) say$.next({ payload: encode(text) })
    const [one = '', , three = ''] = ids
    // The third waits for the second.
    of(wires[0]!, wires[2]!).pipe(bob.unwrap()).subscribe()
    bob.contentOf(one)!.fill(0)
    expect(decode(bob.contentOf(one)!)).toBe('one')
    expect(bob.contentOf(three)).toBeUndefined()
    expect(decode(alice.contentOf(three)!)).toBe('three')
    expect(bob.contentOf('unknown')).toBeUndefined()
    alice.close()
    bob.close()
  })

  it('tells of writes that fail, and lets frames out all the same', async () => {
    const scheduler = new VirtualTimeScheduler()
    const told: unknown[] = []
    const alice = createParticipant({
      participantId: 'alice',
      channelId: 'log',
      scheduler,
      write: () => Promise.reject(new Error('disk full')),
      onWriteError: (error, attempt, retryMs) => told.push([(error as Error).message, attempt, retryMs]),
    })
    const say$ = new Subject<{ payload: Uint8Array }>()
    let sent = 0
    say$.pipe(alice.wrap()).subscribe(() => sent++)
    say$.next({ payload: encode('hello') })
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
    expect(told).toEqual([['disk full', 1, 100]])
    expect(sent).toBe(1)
    alice.close()
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

  it('gives each of two streams what came of its own frames', () => {
    const alice = createParticipant({ participantId: 'alice', channelId: 'log' })
    const bob = createParticipant({ participantId: 'bob', channelId: 'log' })
    const [a$, b$] = [new Subject<{ payload: Uint8Array }>(), new Subject<{ payload: Uint8Array }>()]
    const wires: Uint8Array[] = []
    const seen: string[] = []
    a$.pipe(alice.wrap()).subscribe(({ payload }) => {
      wires.push(payload)
      seen.push('a')
    })
    b$.pipe(alice.wrap()).subscribe(({ payload }) => {
      wires.push(payload)
      seen.push('b')
    })
    a$.next({ payload: encode('1') })
    b$.next({ payload: encode('2') })
    expect(seen).toEqual(['a', 'b'])

    const [x$, y$] = [
      new Subject<{ payload: Uint8Array; from: string }>(),
      new Subject<{ payload: Uint8Array; from: string }>(),
    ]
    const got: string[] = []
    x$.pipe(bob.unwrap()).subscribe((frame) => got.push(`x ${frame.from} ${decode(frame.payload)}`))
    const y = y$.pipe(bob.unwrap()).subscribe((frame) => got.push(`y ${frame.from} ${decode(frame.payload)}`))
    y$.next({ payload: wires[1]!, from: 'parked' })
    x$.next({ payload: wires[0]!, from: 'direct' })
    expect(got).toEqual(['x direct 1', 'y parked 2'])
    a$.next({ payload: encode('3') })
    b$.next({ payload: encode('4') })
    y$.next({ payload: wires[3]!, from: 'parked' })
    y.unsubscribe()
    // Its stream is gone: another takes over.
    x$.next({ payload: wires[2]!, from: 'direct' })
    expect(got.slice(2)).toEqual(['x direct 3', 'x parked 4'])
    alice.close()
    bob.close()
  })

  it('stores each step before its frames are seen, and comes back with a restart', async () => {
    const scheduler = new VirtualTimeScheduler(undefined, 60_000)
    const stored = new Map<string, Uint8Array>()
    let finish = (): void => {}
    const write = (changes: readonly { key: string; value: Uint8Array | undefined }[]): Promise<void> =>
      new Promise((resolve) => {
        finish = () => {
          for (const { key, value } of changes) {
            if (value === undefined) stored.delete(key)
            else stored.set(key, value)
          }
          resolve()
        }
      })
    const alice = createParticipant({
      participantId: 'alice',
      channelId: 'log',
      scheduler,
      write,
      keyPrefix: 'p/',
    })
    const say$ = new Subject<{ payload: Uint8Array }>()
    const ids: string[] = []
    const seen = new Promise<void>((resolve) => {
      say$.pipe(alice.wrap()).subscribe(({ messageId }) => {
        ids.push(messageId)
        resolve()
      })
    })
    say$.next({ payload: encode('hi') })
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect(ids).toEqual([])
    finish()
    await seen
    expect(ids).toHaveLength(1)
    alice.close()

    const restore = [...stored].map(([key, value]) => ({ key: key.slice(2), value }))
    expect(restore).not.toEqual([])
    const again = createParticipant({ participantId: 'alice', channelId: 'log', scheduler, restore })
    const sent: string[] = []
    again.traffic$.subscribe(({ kind, messageId }) => sent.push(`${kind} ${messageId}`))
    scheduler.flush()
    expect(sent[0]).toBe(`retransmission ${ids[0]}`)
  })

  it('takes back what waits, but not while a frame is being handled', () => {
    const alice = createParticipant({ participantId: 'alice', channelId: 'log', dispatch: 'reported' })
    const say$ = new Subject<{ payload: Uint8Array }>()
    const ids: string[] = []
    const within: boolean[] = []
    say$.pipe(alice.wrap()).subscribe(({ messageId }) => {
      ids.push(messageId)
      if (ids.length === 2) within.push(alice.abandon([messageId]))
    })
    say$.next({ payload: encode('1') })
    expect(alice.abandon(ids)).toBe(true)
    expect(alice.abandon(ids)).toBe(false)
    say$.next({ payload: encode('2') })
    expect(within).toEqual([false])
    expect(alice.abandon([ids[1]!])).toBe(true)
    alice.close()
  })

  it('shows that nothing waits any more, though what one message releases takes several turns', () => {
    // X11; campaign seed 94058
    const { bob, frames, end } = releasingLast(300)
    const states: string[] = []
    bob.health$.subscribe(({ state, missing }) => states.push(`${state} ${missing}`))
    let delivered = 0
    const network$ = new Subject<{ payload: Uint8Array }>()
    network$.pipe(bob.unwrap()).subscribe(() => delivered++)
    for (const frame of frames) network$.next(frame)
    end()
    expect(delivered).toBe(300)
    expect(states.at(-1)).toBe('synced 0')
  })

  it('ends what it delivers after all that the last message of a source has released', () => {
    // X11
    const { bob, frames, end } = releasingLast(300)
    const seen: string[] = []
    from(frames)
      .pipe(bob.unwrap())
      .subscribe({ next: () => seen.push('delivered'), complete: () => seen.push('end') })
    end()
    expect(seen).toHaveLength(301)
    expect(seen.at(-1)).toBe('end')
  })

  it('shows its health as it is and as it changes', () => {
    const alice = createParticipant({ participantId: 'alice', channelId: 'log' })
    const bob = createParticipant({ participantId: 'bob', channelId: 'log' })
    const say$ = new Subject<{ payload: Uint8Array }>()
    const hear$ = new Subject<{ payload: Uint8Array }>()
    const wires: Uint8Array[] = []
    say$.pipe(alice.wrap()).subscribe(({ payload }) => wires.push(payload))
    hear$.pipe(bob.unwrap()).subscribe()
    const missing: number[] = []
    bob.health$.subscribe((health) => missing.push(health.missing))
    const parked: string[][] = []
    bob.parked$.subscribe((message) => parked.push([...message.missing]))
    for (const text of ['1', '2']) say$.next({ payload: encode(text) })
    hear$.next({ payload: wires[1]! })
    expect(bob.health()).toEqual({ state: 'missing', missing: 1, lost: 0 })
    expect(bob.missing().map(({ messageId }) => messageId)).toEqual(parked[0])
    hear$.next({ payload: wires[0]! })
    expect(bob.missing()).toEqual([])
    expect(missing).toEqual([0, 1, 0])
    expect(parked).toHaveLength(1)
    alice.close()
    bob.close()
  })

  it('reports a frame that it refuses, and goes on', () => {
    const alice = createParticipant({ participantId: 'alice', channelId: 'log' })
    const say$ = new Subject<{ payload: Uint8Array }>()
    const reasons: string[] = []
    let wrapped = 0
    alice.events$.subscribe((event) => {
      if (event.type === 'rejected') reasons.push(event.reason)
    })
    say$.pipe(alice.wrap()).subscribe(() => wrapped++)
    say$.next({ payload: new Uint8Array(0) })
    say$.next({ payload: encode('x') })
    expect([reasons, wrapped]).toEqual([['empty-content'], 1])
    alice.close()
  })

  it.each(['wrap', 'unwrap'] as const)('ends a stream of what are no frames, by %s, and no other', (name) => {
    const alice = createParticipant({ participantId: 'alice', channelId: 'log' })
    const [bare$, say$] = [new Subject<never>(), new Subject<{ payload: Uint8Array }>()]
    const errors: unknown[] = []
    let wrapped = 0
    bare$.pipe<unknown>(alice[name]()).subscribe({ error: (error) => errors.push(error) })
    say$.pipe(alice.wrap()).subscribe(() => wrapped++)
    bare$.next(encode('bytes and no frame') as never)
    say$.next({ payload: encode('x') })
    expect(errors).toEqual([expect.any(SdsOptionError)])
    expect(String(errors[0])).toContain('use map((payload) => ({ payload }))')
    expect(wrapped).toBe(1)
    alice.close()
  })

  it('completes its streams when it is closed, and does nothing afterwards', () => {
    const scheduler = new VirtualTimeScheduler(undefined, 60_000)
    const alice = createParticipant({ participantId: 'alice', channelId: 'log', scheduler })
    const say$ = new Subject<{ payload: Uint8Array }>()
    const completed: string[] = []
    let sent = 0
    say$.pipe(alice.wrap()).subscribe({ next: () => sent++, complete: () => completed.push('wrap') })
    alice.traffic$.subscribe({ next: () => sent++, complete: () => completed.push('traffic') })
    say$.next({ payload: encode('x') })
    alice.close()
    say$.next({ payload: encode('y') })
    scheduler.flush()
    expect(completed.sort()).toEqual(['traffic', 'wrap'])
    expect(sent).toBe(1)
  })

  it('refuses what makes no participant when it is called', () => {
    const make = createParticipant as (options?: unknown) => unknown
    expect(() => make()).toThrow(
      '"options" expected an object with "participantId" and "channelId", got undefined',
    )
    const named = { participantId: 'alice', channelId: 'log' }
    expect(() => make({ ...named, random: 4 })).toThrow('"random" expected a function, got 4')
    expect(() => make({ ...named, scheduler: 'now' })).toThrow('"scheduler" expected a scheduler of rxjs')
  })
})

/** Bob, and frames of alice, of which the last is the second that she sent: all others but the first wait for it. */
function releasingLast(count: number): {
  bob: Participant
  frames: readonly { payload: Uint8Array }[]
  /** Lets a second pass, and closes both. */
  end: () => void
} {
  const scheduler = new VirtualTimeScheduler()
  const say$ = new Subject<{ payload: Uint8Array }>()
  const alice = createParticipant({ participantId: 'alice', channelId: 'log', scheduler })
  const bob = createParticipant({ participantId: 'bob', channelId: 'log', scheduler })
  const wires: { payload: Uint8Array }[] = []
  say$.pipe(alice.wrap()).subscribe(({ payload }) => wires.push({ payload }))
  for (let i = 0; i < count; i++) say$.next({ payload: encode(`${i}`) })
  const [first, second, ...others] = wires
  const end = (): void => {
    scheduler.maxFrames = scheduler.frame + 1_000
    scheduler.flush()
    alice.close()
    bob.close()
  }
  return { bob, frames: [first!, ...others, second!], end }
}
