import { openChannel } from '@reliable-channels/channel'
import { expect, it } from 'vitest'

import { ROOM, bytesOf, startNetwork, stateOf, until } from './network.ts'

it('a receiver that closes channel and transport as soon as a message came leaves nobody trying', async () => {
  await using network = await startNetwork({ nodes: 2 })
  const [alice, ofBob] = await Promise.all([network.member('alice'), network.transport()])
  await until(() => stateOf(ofBob) === 'connected', 'bob to be connected')
  const bob = await openChannel({ ...ROOM, senderId: 'bob', transport: ofBob })
  const left = new Promise<void>((resolve) => {
    bob.incoming$.subscribe(() => void bob.close().then(() => ofBob.close().then(resolve)))
  })
  const kinds: string[] = []
  alice.outgoing$.subscribe(({ kind }) => kinds.push(kind))
  const handle = alice.send(bytesOf('the only message'))
  await left
  await until(() => handle.status.state === 'delivered', 'the acknowledgement')
  expect(kinds).toEqual(['content'])
})
