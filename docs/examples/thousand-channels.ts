import { ReliableChannelManager } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'

const network = simulatedNetwork({ seed: 1 })
const nameOf = (order: number) => `order-${order}`
/** Channels may share a topic: who reads one, takes what is of its channel and drops the rest. */
const topicOf = (order: number) => `/shop/1/orders-${order % 8}/proto`

// #region service
/** One node: one transport, one store, one quota for all channels, shared fairly. */
const shop = new ReliableChannelManager({
  transport: network.peer('shop'),
  store: memoryStore(),
  rateLimit: { enabled: true, epochMs: 1_000, messagesPerEpoch: 500 },
})
for (let order = 0; order < 1_000; order++) {
  await shop.create({ channelId: nameOf(order), contentTopic: topicOf(order), senderId: 'shop' })
}
console.log(`${shop.channelIds.length} channels are open`)

let handled = 0
shop.incoming$.subscribe(({ channelId, payload }) => {
  handled++
  if (new TextDecoder().decode(payload) === 'where is it?')
    shop.send(channelId, new TextEncoder().encode('on its way'))
})
// #endregion

// #region customer
const customer = new ReliableChannelManager({ transport: network.peer('customer') })
const answers = new Promise<void>((resolve) => {
  const waiting = new Set([3, 141, 592].map(nameOf))
  customer.incoming$.subscribe(({ channelId, payload }) => {
    waiting.delete(channelId)
    console.log(`${channelId}: ${new TextDecoder().decode(payload)}`)
    if (waiting.size === 0) resolve()
  })
})
for (const order of [3, 141, 592]) {
  await customer.create({ channelId: nameOf(order), contentTopic: topicOf(order), senderId: 'customer' })
  await customer.send(nameOf(order), new TextEncoder().encode('where is it?')).delivered()
}
await answers
console.log(`the shop has handled ${handled} messages`)
// #endregion

await Promise.all([shop.closeAll(), customer.closeAll()])
