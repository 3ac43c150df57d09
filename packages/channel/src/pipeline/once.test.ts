import { type VirtualTime, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { type Observable, Subject, filter, merge } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { xchacha } from '@reliable-channels/encryption'
import { openChannel } from '../index.ts'
import { team } from '../../test/open-fake.ts'
import { decode, encode } from '../../test/restarting.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

/** The transport of a peer from whom somebody holds back what he likes, and hands it on later. */
function heldBack(peer: Transport, isHeld: (message: TransportMessage) => boolean) {
  const held: TransportMessage[] = []
  const later$ = new Subject<TransportMessage>()
  const messages$: Observable<TransportMessage> = merge(
    peer.messages$.pipe(
      filter((message) => {
        if (!isHeld(message)) return true
        held.push(message)
        return false
      }),
    ),
    later$,
  )
  Object.defineProperties(peer, {
    messages$: { value: messages$ },
    fetch: { value: undefined },
    history: { value: undefined },
  })
  return { transport: peer, release: () => held.splice(0).forEach((message) => later$.next(message)) }
}

// X1
describe('a payload of one segment with parity', () => {
  it.each([
    ['', {}],
    [', sealed as a whole', { cipher: xchacha({ key: new Uint8Array(32).fill(7) }) }],
    [
      ', its content sealed',
      { cipher: xchacha({ key: new Uint8Array(32).fill(7) }), placement: 'content' as const },
    ],
  ])(
    'is not delivered a second time by parity that comes after many others were complete%s',
    async (_, options) => {
      const scheduler: VirtualTime = virtualTime()
      const network = simulatedNetwork({ seed: 5, scheduler })
      const open = (senderId: string, transport: Transport = network.peer(senderId)) =>
        openChannel({
          ...team,
          senderId,
          transport,
          scheduler,
          randomBytes: seededBytes(5, senderId),
          parityRate: 1,
          reassembly: { maxCompleted: 10 },
          // It is given up soon, so that what comes after it need not wait.
          sds: { lostAfterMs: 5_000, maxRetransmissions: 0, repair: { enabled: false }, periodicSyncMs: 0 },
          ...options,
        })
      const alice = await open('alice')
      const hashes: string[] = []
      network.traffic$.subscribe((event) => {
        if (event.type === 'sent' && event.from === 'alice') hashes.push(event.hash)
      })
      const { transport, release } = heldBack(network.peer('bob'), ({ hash }) => hash === hashes[1])
      const [bob, carol] = [await open('bob', transport), await open('carol')]
      const received: string[] = []
      bob.incoming$.subscribe(({ payload }) => received.push(decode(payload)))
      alice.send(encode('once'))
      await scheduler.run({ maxMs: 20 })
      alice.send(encode('then'))
      await scheduler.run({ maxMs: 20_000 })
      for (let i = 0; i < 30; i++) (i % 2 === 0 ? alice : carol).send(encode(`later ${i}`))
      await scheduler.run({ maxMs: 20_000 })
      expect(received.slice(0, 2)).toEqual(['once', 'then'])
      expect(received).toHaveLength(32)
      release()
      await scheduler.run({ maxMs: 20_000 })
      expect(received.slice(32)).toEqual([])
      alice.send(encode('once'))
      await scheduler.run({ maxMs: 20_000 })
      expect(received.slice(32)).toEqual(['once'])
      await Promise.all([alice, bob, carol].map((channel) => channel.close()))
    },
  )
})
