import { openChannel } from '@reliable-channels/channel'
import { type HistoryEntry, createSdsStage, encodeMessage } from '@reliable-channels/sds/core'
import { sdsRecords } from '@reliable-channels/sds/records'
import { simulatedNetwork } from '@reliable-channels/simulator'
import type { Change, Store } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { ClassicLevel } from 'classic-level'

const CHANNEL = { channelId: 'room', contentTopic: '/bench/1/room/proto', senderId: 'alice' }
/** Where a channel keeps what SDS stores. */
const PREFIX = `channel/${CHANNEL.channelId}/sds/`
/** Changes in one write. */
const GROUPED = 4_096

/** Stores what a channel keeps that received `count` messages of 1 KB, each naming the two before it. */
export async function writeHistory(location: string, count: number): Promise<void> {
  const store = levelStore(new ClassicLevel(location))
  const { senderId: participantId, channelId } = CHANNEL
  const stage = createSdsStage({ participantId, channelId, random: Math.random }, sdsRecords())
  const started = Date.now() - count
  let changes: Change[] = []
  let causalHistory: HistoryEntry[] = []
  for (let i = 0; i < count; i++) {
    const messageId = i.toString(16).padStart(64, '0')
    const payload = encodeMessage(
      {
        senderId: 'bob',
        messageId,
        channelId: CHANNEL.channelId,
        lamport: started + i,
        causalHistory,
        repairRequest: [],
        content: new Uint8Array(1024).fill(i),
      },
      'lip',
    )
    causalHistory = [...causalHistory.slice(-1), { messageId, senderId: 'bob' }]
    for (const change of stage.handle({ type: 'receive', frame: { payload } }, started + i).changes) {
      changes.push({ key: PREFIX + change.key, value: change.value })
    }
    if (changes.length < GROUPED) continue
    await store.write(changes)
    changes = []
  }
  await store.write(changes)
  await store.close()
}

/** Time until a channel with a store in `location` is open. */
export async function openTimeMs(location: string): Promise<number> {
  const transport = simulatedNetwork().peer('alice')
  const store: Store = levelStore(new ClassicLevel(location))
  const start = performance.now()
  const channel = await openChannel({ ...CHANNEL, transport, store })
  const elapsed = performance.now() - start
  await channel.close()
  await store.close()
  return elapsed
}
