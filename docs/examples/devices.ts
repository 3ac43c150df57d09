import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'

const network = simulatedNetwork({ seed: 2 })
const channel = { channelId: 'family', contentTopic: '/my-chat/1/family/proto' }

// #region devices
/** One person on several devices: the same senderId, a store for each device. */
async function device(person: string, name: string) {
  const chat = await openChannel({
    ...channel,
    senderId: person,
    transport: network.peer(`${person}'s ${name}`),
    store: memoryStore(),
    sds: { ownMessages: 'deliver' }, // what this person's other devices said is shown here too
  })
  chat.incoming$.subscribe(({ senderId, payload }) => {
    console.log(`${person}'s ${name} shows: ${senderId}: ${new TextDecoder().decode(payload)}`)
  })
  return chat
}
// #endregion

const phone = await device('alice', 'phone')
const laptop = await device('alice', 'laptop')
const tablet = await device('bob', 'tablet')
await phone.send(new TextEncoder().encode('I am on the train.')).delivered()
await tablet.send(new TextEncoder().encode('See you soon.')).delivered()
await Promise.all([phone.close(), laptop.close(), tablet.close()])
