import { createKeyRing, openFrame, sealFrame, xchacha } from '@reliable-channels/encryption'

const [first, second, third] = [1, 2, 3].map((seed) => new Uint8Array(32).fill(seed))
const context = { channelId: 'chat', contentTopic: '/demo/1/chat/proto' }

const alices = createKeyRing({ keys: [first!] })
const bobs = createKeyRing({
  keys: [first!],
  // A frame names its key in the clear, by eight digits. Ask whoever may know it.
  onUnknownKey: async (keyId) => {
    console.log('fetching', keyId)
    return third
  },
})
const alice = xchacha({ keyRing: alices })
const bob = xchacha({ keyRing: bobs })

const say = async (text: string, rotateTo?: Uint8Array): Promise<void> => {
  const sealed = await sealFrame(alice, new TextEncoder().encode(text), context)
  if (rotateTo !== undefined) alices.rotate(rotateTo)
  console.log(new TextDecoder().decode(await openFrame(bob, sealed, context)))
}

await say('sealed before the rotation, opened after it', second)
bobs.accept(second!)
await say('sealed with the second key, which bob was told', third)
await say('sealed with the third, which he was not')
