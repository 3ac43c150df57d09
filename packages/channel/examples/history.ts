import { openChannel } from '@reliable-channels/channel'
import { simulatedNetwork } from '@reliable-channels/simulator'

const network = simulatedNetwork({ seed: 1 })
const channel = { channelId: 'diary', contentTopic: '/app/1/diary/proto' }
const alice = await openChannel({ ...channel, senderId: 'alice', transport: network.peer('alice') })
for (const day of ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'])
  await alice.send(new TextEncoder().encode(day)).accepted()

/** Prints a page; returns where the one before it ends. */
async function show(before?: string): Promise<string | undefined> {
  const page = await alice.history({ before, limit: 3 })
  console.log(page.messages.map(({ payload }) => new TextDecoder().decode(payload)).join(', '))
  return page.before
}
const earlier = await show()
if (earlier !== undefined) await show(earlier)
await alice.close()
