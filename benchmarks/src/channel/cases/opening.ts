import type { Change, Store } from '@reliable-channels/store'
import type { HistoryEntry } from '@reliable-channels/sds/core'
import { content, cpuUs, mulberry } from '../../sds/workload.ts'
import { type Case, least } from '../case.ts'
import type { Library } from '../checkout.ts'
import { numbered } from '../topics.ts'
import { shelvedStore } from '../shelved-store.ts'
import { createWire } from '../wire.ts'

const CHANNELS = 1_000
const MESSAGES = 100

/** Stores what a channel keeps that received messages of 100 B, each naming the two before it. */
async function writeHistory(store: Store, { sds, records }: Library, channelId: string): Promise<void> {
  const options = { participantId: 'alice', channelId, random: mulberry(1) }
  const stage = sds.createSdsStage(options, records?.sdsRecords())
  const started = Date.now() - MESSAGES
  const changes: Change[] = []
  let causalHistory: HistoryEntry[] = []
  for (let i = 0; i < MESSAGES; i++) {
    const messageId = i.toString(16).padStart(64, '0')
    const message = { senderId: 'bob', messageId, channelId, lamport: started + i, causalHistory }
    const payload = sds.encodeMessage({ ...message, repairRequest: [], content: content(i) }, 'lip')
    causalHistory = [...causalHistory.slice(-1), { messageId, senderId: 'bob' }]
    for (const { key, value } of stage.handle({ type: 'receive', frame: { payload } }, started + i).changes)
      changes.push({ key: `channel/${channelId}/sds/${key}`, value })
  }
  await store.write(changes)
}

/** How long a node takes to come back with many channels. */
export const opening: Case = {
  id: 'opening',
  rounds: 2,
  async run(library) {
    const store = shelvedStore()
    for (let i = 0; i < CHANNELS; i++) await writeHistory(store, library, numbered(i).channelId)
    const transport = createWire(library).peer()
    const manager = new library.channel.ReliableChannelManager({ transport, store })
    const us = await cpuUs(async () => {
      for (let i = 0; i < CHANNELS; i++) await manager.create({ ...numbered(i), senderId: 'alice' })
    })
    return { ms: us / CHANNELS / 1_000 }
  },
  figures: [
    {
      name: 'opening one of 1,000 channels, 100 messages stored of each',
      unit: 'ms',
      of: least('ms'),
      atMost: 2,
    },
  ],
}
