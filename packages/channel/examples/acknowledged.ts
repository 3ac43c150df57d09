import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { concatMap } from 'rxjs'

const network = simulatedNetwork({ seed: 1 })
const channel = { channelId: 'orders', contentTopic: '/app/1/orders/proto' }
const shop = await openChannel({ ...channel, senderId: 'shop', transport: network.peer('shop') })

/** Outlives the channel; a real one: levelStore(new ClassicLevel('./orders')) of @reliable-channels/store/level. */
const disk = new Map<string, Uint8Array>()

/** Bakes every order but bread, and closes when bread comes. */
async function bake(canBakeBread: boolean): Promise<void> {
  const bakery = await openChannel({
    ...channel,
    senderId: 'bakery',
    transport: network.peer('bakery'),
    store: memoryStore(disk),
    consume: 'acknowledged',
  })
  await new Promise<void>((breadCame) => {
    const baked$ = bakery.incoming$.pipe(
      concatMap(async ({ payload, redelivered, ack }) => {
        const order = new TextDecoder().decode(payload)
        console.log(`${order}${redelivered ? ', again' : ''}`)
        if (order !== 'bread' || canBakeBread) await ack()
        return order
      }),
    )
    baked$.subscribe((order) => order === 'bread' && breadCame())
    if (canBakeBread) return
    for (const order of ['cake', 'bread']) shop.send(new TextEncoder().encode(order))
  })
  await bakery.close()
}

await bake(false)
await bake(true)
await shop.close()
