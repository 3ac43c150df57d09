import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'

const network = simulatedNetwork({ seed: 1 })
const channel = { channelId: 'notes', contentTopic: '/my-app/1/notes/proto' }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const office = await openChannel({ ...channel, senderId: 'office', transport: network.peer('office') })
office.incoming$.subscribe(({ payload }) => console.log(`office reads: ${new TextDecoder().decode(payload)}`))

// #region write
/** Outlives the process; in an application: levelStore(new BrowserLevel('notes')). */
const disk = new Map<string, Uint8Array>()

// In a tunnel, without a network.
const link = network.peer('phone')
link.disconnect()
const phone = await openChannel({ ...channel, senderId: 'phone', transport: link, store: memoryStore(disk) })
phone.connection$.subscribe(({ state }) => console.log(`phone is ${state}`))
for (const text of ['Meter 14 is broken.', 'So is meter 15.']) {
  await phone.send(bytes(text)).accepted()
  console.log(`kept: ${text}`)
}
// #endregion

// #region restart
// The battery is empty: nothing left the phone, and its process is gone.
await phone.close()
link.close()

// The next day, with a network.
const later = await openChannel({
  ...channel,
  senderId: 'phone',
  transport: network.peer('phone'),
  store: memoryStore(disk),
})
console.log(`${later.requests.length} notes are still to be delivered`)
await Promise.all(later.requests.map((request) => request.delivered()))
console.log('all are delivered')
// #endregion

await Promise.all([later.close(), office.close()])
