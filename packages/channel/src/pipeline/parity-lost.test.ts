import { decodeMessage } from '@reliable-channels/sds/core'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { filter } from 'rxjs'
import { expect, it } from 'vitest'
import { openChannel } from '../index.ts'
import { team } from '../../test/open-fake.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

// N4
it('a message is delivered, and that is told, though none of its parity ever arrives', async () => {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 5, scheduler, latencyMs: 20 })
  const lost = new Set<string>()
  const open = (senderId: string) => {
    const transport = network.peer(senderId)
    const messages$ = transport.messages$.pipe(
      filter(({ payload }) => !lost.has(decodeMessage(payload).message?.messageId ?? '')),
    )
    if (senderId === 'bob') Object.defineProperty(transport, 'messages$', { value: messages$ })
    const randomBytes = seededBytes(5, senderId)
    return openChannel({
      ...team,
      senderId,
      transport,
      scheduler,
      randomBytes,
      segmentSizeBytes: 192,
      parityRate: 0.5,
    })
  }
  const [alice, bob] = [await open('alice'), await open('bob')]
  const received: Uint8Array[] = []
  bob.incoming$.subscribe(({ payload }) => received.push(payload))
  const ids: string[] = []
  alice.outgoing$.subscribe(({ kind, messageId }) => {
    if (kind === 'content' && ids.push(messageId) > 8) lost.add(messageId)
  })
  const payload = new Uint8Array(8 * 64).map((_, i) => i)
  const handle = alice.send(payload)
  await scheduler.run({ until: () => handle.status.state === 'delivered', maxMs: 1_000 })
  expect([ids.length, lost.size, received]).toEqual([12, 4, [payload]])
  expect(handle.status).toMatchObject({ state: 'delivered', deliveredTo: ['bob'] })
  await scheduler.advance(600_000)
  expect(handle.status.state).toBe('delivered')
  expect(received).toHaveLength(1)
  await Promise.all([alice.close(), bob.close()])
})
