import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'
import type { Store } from '@reliable-channels/store'

/** Requests under way at once, so that steps that fall together may share a write. */
const AT_ONCE = 64
const ROOM = { channelId: 'room', contentTopic: '/bench/1/room/proto' }

/** Messages of 1 KB a second from one channel to another, from the first send to the last arrival, each with a store. */
export async function messagesPerSecond(count: number, makeStore: () => Store | undefined): Promise<number> {
  const network = simulatedNetwork({ latencyMs: 0 })
  const stores: Store[] = []
  const open = (senderId: string): ReturnType<typeof openChannel> => {
    const store = makeStore()
    if (store !== undefined) stores.push(store)
    return openChannel({ ...ROOM, senderId, transport: network.peer(senderId), ...(store && { store }) })
  }
  const [alice, bob] = await Promise.all([open('alice'), open('bob')])
  let arrived = 0
  const all = new Promise<void>((resolve) => {
    bob.incoming$.subscribe(() => {
      if (++arrived === count) resolve()
    })
  })
  let next = 0
  const sender = async (): Promise<void> => {
    while (next < count) await alice.send(new Uint8Array(1024).fill(next++)).sent()
  }
  const start = performance.now()
  await Promise.all([all, ...Array.from({ length: AT_ONCE }, sender)])
  const seconds = (performance.now() - start) / 1000
  await Promise.all([alice.close(), bob.close()])
  for (const store of stores) await store.close()
  return count / seconds
}
