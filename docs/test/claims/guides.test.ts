import { openChannel } from '@reliable-channels/channel'
import { createKeyRing } from '@reliable-channels/encryption'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { expect, it } from 'vitest'

const keyOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)
const CHANNEL = { channelId: 'team', contentTopic: '/my-app/1/team/proto' }

/** Two members of a channel, in virtual time. */
async function pair() {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 1, scheduler })
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map((senderId) =>
      openChannel({ ...CHANNEL, senderId, transport: network.peer(senderId), scheduler }),
    ),
  )
  return { scheduler, network, alice: alice!, bob: bob! }
}

it('a channel in which nobody has said anything sends nothing for a day', async () => {
  const { scheduler, network } = await pair()
  await scheduler.advance(86_400_000)
  expect(network.stats.sent).toBe(0)
})

it('a replaced key outlives two rotations more, and not a third', () => {
  const ring = createKeyRing({ keys: [keyOf(1)] })
  const [first] = ring.keyIds
  for (const n of [2, 3, 4]) expect((ring.rotate(keyOf(n)), ring.keyIds)).toContain(first)
  ring.rotate(keyOf(5))
  expect(ring.keyIds).not.toContain(first)
})

it('a message goes on whose sender does not wait for it any more, and so does its channel', async () => {
  const { scheduler, alice, bob } = await pair()
  const heard: string[] = []
  bob.incoming$.subscribe(({ payload }) => heard.push(new TextDecoder().decode(payload)))
  const sent = alice.send(new TextEncoder().encode('first'))
  const gone = expect(sent.delivered({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  )
  await expect(alice.history({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  alice.send(new TextEncoder().encode('second'))
  await scheduler.advance(5_000)
  await gone
  expect(sent.status.state).toBe('delivered')
  expect(heard).toEqual(['first', 'second'])
})
