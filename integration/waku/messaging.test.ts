import { openChannel } from '@reliable-channels/channel'
import { expect, it } from 'vitest'

import { ROOM, bytesOf, startNetwork, stateOf, texts, until } from './network.ts'

// MSG-02
it('a first send needs no subscription of its own, nor is one in the way, also after the topic was left', async () => {
  await using network = await startNetwork({ nodes: 2 })
  const [ofAlice, bob] = await Promise.all([
    network.transport({ at: [0] }),
    network.member('bob', { at: [1] }),
  ])
  await until(() => stateOf(ofAlice) === 'connected', 'alice to be connected')
  const bobHeard = texts(bob)
  bob.incoming$.subscribe(({ payload }) => bob.send(bytesOf(`re: ${new TextDecoder().decode(payload)}`)))
  const options = { ...ROOM, senderId: 'alice', transport: ofAlice }

  const talk = async (text: string): Promise<string[]> => {
    const alice = await openChannel(options)
    const heard = texts(alice)
    alice.send(bytesOf(text))
    await until(() => heard.length > 0, `an answer to ${text}`)
    await alice.close()
    return heard
  }
  expect(await talk('nobody subscribed before')).toEqual(['re: nobody subscribed before'])
  expect(await talk('left, and back')).toContain('re: left, and back')
  await ofAlice.subscribe(ROOM.contentTopic)
  expect(await talk('subscribed before')).toContain('re: subscribed before')
  expect(bobHeard).toEqual(['nobody subscribed before', 'left, and back', 'subscribed before'])
})
