import type { TransportMessage } from '@reliable-channels/transport'
import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createMessageRouter } from './message-router.ts'

const message = (contentTopic: string, meta?: string): TransportMessage => ({
  hash: 'aa',
  contentTopic,
  payload: Uint8Array.of(1),
  ephemeral: false,
  ...(meta !== undefined && { meta: new TextEncoder().encode(meta) }),
})

/** Notes what a topic brings. */
function listen(router: ReturnType<typeof createMessageRouter>, topic: string) {
  const seen: string[] = []
  const leave = router.listen(topic, {
    next: ({ contentTopic }) => seen.push(contentTopic),
    error: (error: unknown) => seen.push(String(error)),
  })
  return { seen, leave }
}

describe('the messages of a node', () => {
  it('go to the channels of their topic alone, all of them', () => {
    const messages$ = new Subject<TransportMessage>()
    const router = createMessageRouter({ messages$ })
    const [first, second, other] = [listen(router, '/a'), listen(router, '/a'), listen(router, '/b')]
    messages$.next(message('/a'))
    messages$.next(message('/b'))
    first.leave()
    messages$.next(message('/a'))
    expect([first.seen, second.seen, other.seen]).toEqual([['/a'], ['/a', '/a'], ['/b']])
  })

  it('are listened to once, and only while a channel listens', () => {
    const messages$ = new Subject<TransportMessage>()
    const router = createMessageRouter({ messages$ })
    expect(messages$.observed).toBe(false)
    const [first, second] = [listen(router, '/a'), listen(router, '/b')]
    first.leave()
    expect(messages$.observed).toBe(true)
    second.leave()
    expect(messages$.observed).toBe(false)
    const third = listen(router, '/a')
    messages$.next(message('/a'))
    expect(third.seen).toEqual(['/a'])
  })

  it('go to none that another has ended with the same message', () => {
    const messages$ = new Subject<TransportMessage>()
    const router = createMessageRouter({ messages$ })
    const seen: string[] = []
    router.listen('/a', { next: () => leave(), error: () => {} })
    const leave = router.listen('/a', { next: () => seen.push('second'), error: () => {} })
    router.listen('/a', { next: () => seen.push('third'), error: () => {} })
    messages$.next(message('/a'))
    expect(seen).toEqual(['third'])
  })

  it('end for all channels, and for those that come later, when the transport has died', () => {
    const messages$ = new Subject<TransportMessage>()
    const router = createMessageRouter({ messages$ })
    const [first, second] = [listen(router, '/a'), listen(router, '/b')]
    messages$.error(new Error('dead'))
    expect([first.seen, second.seen, listen(router, '/a').seen]).toEqual([
      ['Error: dead'],
      ['Error: dead'],
      ['Error: dead'],
    ])
  })

  it('are counted where no channel listens, by marker, from when it is asked on', () => {
    const messages$ = new Subject<TransportMessage>()
    const router = createMessageRouter({ messages$ })
    listen(router, '/a')
    messages$.next(message('/b', 'mark'))
    const [none, marked, others] = [router.strays(undefined), router.strays('mark'), router.strays('other')]
    messages$.next(message('/a', 'mark'))
    messages$.next(message('/b', 'mark'))
    messages$.next(message('/b'))
    const later = router.strays('mark')
    messages$.next(message('/c', 'mark'))
    expect([none(), marked(), others(), later()]).toEqual([
      { marked: 3, unmarked: 0 },
      { marked: 2, unmarked: 1 },
      { marked: 0, unmarked: 3 },
      { marked: 1, unmarked: 0 },
    ])
  })
})
