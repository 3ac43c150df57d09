import { describe, expect, it } from 'vitest'
import { xchacha } from '@reliable-channels/encryption'
import {
  type SdsMessage,
  decodeMessage,
  encodeMessage,
  overheadBytes,
  settingsOf,
} from '@reliable-channels/sds/core'
import { segmentPayload } from '@reliable-channels/segmentation/core'
import { openFake, team } from '../../test/open-fake.ts'

/** As many concurrent messages as a message names, of authors with the longest ids, each under a network hash. */
function concurrent(count: number): SdsMessage[] {
  return Array.from({ length: count }, (_, i) => ({
    senderId: String(i).padStart(256, 'x'),
    messageId: String(i).padStart(64, '0'),
    channelId: team.channelId,
    lamport: i + 1,
    causalHistory: [],
    repairRequest: [],
    content: segmentPayload(Uint8Array.of(i))[0]!.payload,
  }))
}

describe('a segment of the default size', () => {
  it('fits into a network message with the largest history and filter and the cipher around it', async () => {
    // MSG-20
    const { channel, transport, pass } = await openFake({ sds: { periodicSyncMs: 0 } })
    const { contentTopic, channelId, senderId } = team
    const meta = new TextEncoder().encode('RELIABLE-CHANNEL-API/1')
    for (const [i, message] of concurrent(20).entries()) {
      const envelope = { contentTopic, meta, payload: encodeMessage(message, 'lip'), ephemeral: false }
      transport.deliver(envelope, i.toString(16).padStart(64, '0'))
    }
    channel.send(new Uint8Array(102_272))
    await pass(0)
    const { payload } = transport.sent[0]!
    const { message } = decodeMessage(payload)
    const { content, causalHistory, bloomFilter } = message!
    expect(causalHistory).toHaveLength(16)
    expect(causalHistory.every(({ retrievalHint }) => retrievalHint?.length === 32)).toBe(true)
    // Ten thousand ids of 15 bits, in words of 64.
    expect(bloomFilter).toHaveLength(18_752)
    expect(content!.length).toBeLessThanOrEqual(102_400)

    const sds = { channelId, participantId: senderId, maxIdLength: 256, random: () => 0 }
    const overhead = overheadBytes(settingsOf(sds))
    expect(payload.length - content!.length).toBeLessThanOrEqual(overhead)
    const cipher = xchacha({ key: new Uint8Array(32).fill(1) })
    expect(102_400 + overhead + cipher.overheadBytes).toBeLessThanOrEqual(150_000)
    await channel.close()
  })
})
